using System.Globalization;
using System.Text;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Printing;

/// <summary>The document that legal signs, as Markdown or as one HTML page without scripts, fonts or anything fetched.</summary>
public static class PolicyPrinter
{
    private const string Matrix = "Who may go where";
    private const string MatrixNote = "A chat about data of one class alone, without approvals and overrides. Several classes need every class's permission.";
    private const string Signatures = "Signatures";

    /// <param name="policy">The policy.</param>
    /// <param name="day">The day the table and the calendar are of.</param>
    public static string Markdown(PolicySnapshot policy, DateOnly day)
    {
        var document = PolicyDocument.Of(policy, day);
        StringBuilder text = new();
        Line(text, "# Policy on data sent to language models\n");
        Line(text, $"As of {RuleText.Iso(day)}. Version `{document.Version}`.");
        var number = 0;
        foreach (var (heading, rules, _) in document.Sections.Where(static section => section.Rules.Count > 0))
        {
            Line(text, $"\n## {PrintedPage.Markdown(heading)}\n");
            foreach (var rule in rules)
            {
                Line(text, $"{++number}. **{PrintedPage.Markdown(rule.Heading)}** {PrintedPage.Markdown(rule.Sentence)}");
                foreach (var fact in rule.Facts)
                {
                    Line(text, $"   - {PrintedPage.Markdown(fact)}");
                }
            }
        }

        List(text, "Papers and findings", document.Papers);
        Line(text, $"\n## {Matrix}\n\n{MatrixNote}\n");
        Line(text, $"| data class | {string.Join(" | ", document.Deployments.Select(PrintedPage.Markdown))} |");
        Line(text, $"|{string.Concat(Enumerable.Repeat("---|", document.Deployments.Count + 1))}");
        foreach (var (label, cells) in document.Matrix)
        {
            Line(text, $"| {PrintedPage.Markdown(label)} | {string.Join(" | ", cells.Select(PrintedPage.Markdown))} |");
        }

        List(text, "Sworn and proved", document.Claims);
        List(text, "What will change by itself", document.Calendar);
        Line(text, $"\n## {Signatures}\n\n| name | date | signature |\n|---|---|---|\n| | | |\n| | | |");
        return text.ToString();
    }

    /// <param name="policy">The policy.</param>
    /// <param name="day">The day the table and the calendar are of.</param>
    public static string Html(PolicySnapshot policy, DateOnly day)
    {
        var document = PolicyDocument.Of(policy, day);
        StringBuilder text = new();
        Line(text, $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Policy of {RuleText.Iso(day)}</title><style>{PrintedPage.Style}</style></head><body>");
        Line(text, $"<h1>Policy on data sent to language models</h1>\n<p>As of {RuleText.Iso(day)}. Version <code>{PrintedPage.Html(document.Version)}</code>.</p>");
        var number = 0;
        foreach (var (heading, rules, _) in document.Sections.Where(static section => section.Rules.Count > 0))
        {
            Line(text, $"<h2>{PrintedPage.Html(heading)}</h2>");
            foreach (var rule in rules)
            {
                Line(text, string.Create(CultureInfo.InvariantCulture, $"<h3>{++number}. {PrintedPage.Html(rule.Heading)}</h3><p>{PrintedPage.Html(rule.Sentence)}</p>"));
                Line(text, $"<p class=\"facts\">{string.Join("<br>", rule.Facts.Select(PrintedPage.Html))}</p>");
            }
        }

        HtmlList(text, "Papers and findings", document.Papers);
        Line(text, $"<h2>{Matrix}</h2><p>{MatrixNote}</p><table><thead><tr><th>data class</th>{Cells("th", document.Deployments)}</tr></thead><tbody>");
        foreach (var (label, cells) in document.Matrix)
        {
            Line(text, $"<tr><th>{PrintedPage.Html(label)}</th>{Cells("td", cells)}</tr>");
        }

        Line(text, "</tbody></table>");
        HtmlList(text, "Sworn and proved", document.Claims);
        HtmlList(text, "What will change by itself", document.Calendar);
        var row = "<tr><td></td><td></td><td></td></tr>";
        Line(text, $"<h2>{Signatures}</h2><table class=\"sign\" style=\"width:100%\"><tr><th>name</th><th>date</th><th>signature</th></tr>{row}{row}</table></body></html>");
        return text.ToString();
    }

    private static void List(StringBuilder text, string heading, IReadOnlyList<string> items)
    {
        if (items.Count > 0)
        {
            Line(text, $"\n## {heading}\n");
            foreach (var item in items)
            {
                Line(text, $"- {PrintedPage.Markdown(item)}");
            }
        }
    }

    private static void HtmlList(StringBuilder text, string heading, IReadOnlyList<string> items)
    {
        if (items.Count > 0)
        {
            Line(text, $"<h2>{heading}</h2><ul>{string.Concat(items.Select(static item => $"<li>{PrintedPage.Html(item)}</li>"))}</ul>");
        }
    }

    private static string Cells(string tag, IEnumerable<string> cells) => string.Concat(cells.Select(cell => $"<{tag}>{PrintedPage.Html(cell)}</{tag}>"));

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
