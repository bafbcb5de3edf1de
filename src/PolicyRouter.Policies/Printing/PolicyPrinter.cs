using System.Globalization;
using System.Net;
using System.Text;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Printing;

/// <summary>The document that legal signs, as Markdown or as one HTML page without scripts, fonts or anything fetched.</summary>
public static class PolicyPrinter
{
    private const string Style = "body{font:11pt/1.45 Georgia,serif;max-width:60em;margin:2em auto;padding:0 1em;color:#111}"
        + "h1{font-size:1.6em}h2{font-size:1.2em;border-bottom:1px solid #999;margin-top:2em}h3{font-size:1em;margin:1.2em 0 .2em}p{margin:.2em 0}"
        + "table{border-collapse:collapse;font:9pt/1.3 sans-serif}th,td{border:1px solid #999;padding:.3em .5em;text-align:left;vertical-align:top}"
        + ".facts{color:#444;font-size:.9em}.sign td{width:33%;height:3.5em;vertical-align:bottom}code{font-size:.85em;word-break:break-all}"
        + "@media print{body{margin:0}h2,h3{break-after:avoid}tr{break-inside:avoid}}";

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
            Line(text, $"\n## {Escaped(heading)}\n");
            foreach (var rule in rules)
            {
                Line(text, $"{++number}. **{Escaped(rule.Heading)}** {Escaped(rule.Sentence)}");
                foreach (var fact in rule.Facts)
                {
                    Line(text, $"   - {Escaped(fact)}");
                }
            }
        }

        List(text, "Papers and findings", document.Papers);
        Line(text, $"\n## {Matrix}\n\n{MatrixNote}\n");
        Line(text, $"| data class | {string.Join(" | ", document.Deployments.Select(Escaped))} |");
        Line(text, $"|{string.Concat(Enumerable.Repeat("---|", document.Deployments.Count + 1))}");
        foreach (var (label, cells) in document.Matrix)
        {
            Line(text, $"| {Escaped(label)} | {string.Join(" | ", cells.Select(Escaped))} |");
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
        Line(text, $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Policy of {RuleText.Iso(day)}</title><style>{Style}</style></head><body>");
        Line(text, $"<h1>Policy on data sent to language models</h1>\n<p>As of {RuleText.Iso(day)}. Version <code>{Html(document.Version)}</code>.</p>");
        var number = 0;
        foreach (var (heading, rules, _) in document.Sections.Where(static section => section.Rules.Count > 0))
        {
            Line(text, $"<h2>{Html(heading)}</h2>");
            foreach (var rule in rules)
            {
                Line(text, string.Create(CultureInfo.InvariantCulture, $"<h3>{++number}. {Html(rule.Heading)}</h3><p>{Html(rule.Sentence)}</p>"));
                Line(text, $"<p class=\"facts\">{string.Join("<br>", rule.Facts.Select(Html))}</p>");
            }
        }

        HtmlList(text, "Papers and findings", document.Papers);
        Line(text, $"<h2>{Matrix}</h2><p>{MatrixNote}</p><table><thead><tr><th>data class</th>{Cells("th", document.Deployments)}</tr></thead><tbody>");
        foreach (var (label, cells) in document.Matrix)
        {
            Line(text, $"<tr><th>{Html(label)}</th>{Cells("td", cells)}</tr>");
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
                Line(text, $"- {Escaped(item)}");
            }
        }
    }

    private static void HtmlList(StringBuilder text, string heading, IReadOnlyList<string> items)
    {
        if (items.Count > 0)
        {
            Line(text, $"<h2>{heading}</h2><ul>{string.Concat(items.Select(static item => $"<li>{Html(item)}</li>"))}</ul>");
        }
    }

    private static string Cells(string tag, IEnumerable<string> cells) => string.Concat(cells.Select(cell => $"<{tag}>{Html(cell)}</{tag}>"));

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Characters that Markdown would take for markup.</summary>
    private static string Escaped(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (var c in text)
        {
            if (c is '\\' or '`' or '*' or '_' or '|' or '<' or '>' or '[' or ']' or '#')
            {
                escaped.Append('\\');
            }

            escaped.Append(c is '\n' or '\r' ? ' ' : c);
        }

        return escaped.ToString();
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
