using System.Text;
using PolicyRouter.Policies.Printing;

namespace PolicyRouter.Reports.Incidents;

/// <summary>A report as GitHub-flavoured Markdown: what HTML draws is a bar of characters behind its table row here.</summary>
public static class ReportMarkdown
{
    private const int BarWidth = 20;

    public static string Write(ReportDocument document)
    {
        StringBuilder text = new();
        Line(text, $"# {PrintedPage.Markdown(document.Title)}");
        Paragraphs(text, document.Lead);
        foreach (var section in document.Sections)
        {
            Line(text, $"\n## {PrintedPage.Markdown(section.Heading)}");
            foreach (var part in section.Parts)
            {
                switch (part)
                {
                    case Paragraph paragraph:
                        Paragraphs(text, [paragraph.Text]);
                        break;
                    case Table table:
                        Write(text, table);
                        break;
                }
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, Table table)
    {
        Line(text, $"\n### {PrintedPage.Markdown(table.Caption)}\n");
        var bars = table.Shares is null ? "" : " |";
        Line(text, $"| {string.Join(" | ", table.Heads.Select(PrintedPage.Markdown))} |{bars}");
        Line(text, $"|{string.Concat(table.Heads.Select((_, column) => column < table.Numbers ? "---|" : "---:|"))}{(table.Shares is null ? "" : "---|")}");
        for (var row = 0; row < table.Rows.Count; row++)
        {
            Line(text, $"| {string.Join(" | ", table.Rows[row].Select(PrintedPage.Markdown))} |{(table.Shares is null ? "" : $" {Bar(table.Shares[row])} |")}");
        }
    }

    /// <summary>A share as a bar that is full only when the share is 1, and empty only when it is 0.</summary>
    private static string Bar(double? share)
    {
        if (share is not { } known)
        {
            return "";
        }

        var full = known >= 1 ? BarWidth : known <= 0 ? 0 : Math.Clamp((int)(known * BarWidth), 1, BarWidth - 1);
        return new string('█', full) + new string('░', BarWidth - full);
    }

    private static void Paragraphs(StringBuilder text, IEnumerable<string> paragraphs)
    {
        foreach (var paragraph in paragraphs)
        {
            Line(text, $"\n{PrintedPage.Markdown(paragraph)}");
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
