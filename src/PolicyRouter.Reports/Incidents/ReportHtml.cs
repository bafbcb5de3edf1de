using System.Security.Cryptography;
using System.Text;
using PolicyRouter.Policies.Printing;

namespace PolicyRouter.Reports.Incidents;

/// <summary>A report as one HTML page that needs nothing else: no scripts, no fonts, nothing fetched, one style. It is well-formed XML, too.</summary>
public static class ReportHtml
{
    private const string Style = PrintedPage.Style
        + ":root{color-scheme:light dark}body{max-width:80em}table{margin:.6em 0 1.4em}caption{text-align:left;font-weight:bold;padding:.3em 0}"
        + ".n{text-align:right;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}svg{max-width:100%;height:auto;font:11px sans-serif}"
        + ".label,.axis{fill:#111}.frame{fill:none;stroke:#999}.answered{fill:#2f6f9f}.failed{fill:url(#stripes)}.stripe{stroke:#a3231f;stroke-width:3}.ground{fill:#f6d5d3}"
        + "details{margin:.4em 0}figure{margin:1em 0}figcaption{font-weight:bold}"
        + "@media screen and (prefers-color-scheme:dark){body{background:#15171a;color:#e8e8e8}.facts{color:#bbb}.label,.axis{fill:#e8e8e8}"
        + ".answered{fill:#6fb1e0}.stripe{stroke:#ff9c96}.ground{fill:#4a1f1d}}"
        + "@media print{.scroll{overflow:visible}table{font-size:7pt}}";

    public static string Write(ReportDocument document)
    {
        StringBuilder text = new();
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));
        Line(text, "<!DOCTYPE html>");
        Line(text, $"<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\"/><meta name=\"viewport\" content=\"width=device-width\"/><title>{PrintedPage.Html(document.Title)}</title><style>{Style}</style></head><body><main>");
        Line(text, $"<h1>{PrintedPage.Html(document.Title)}</h1>");
        foreach (var line in document.Lead)
        {
            Line(text, $"<p>{PrintedPage.Html(line)}</p>");
        }

        var charts = 0;
        foreach (var section in document.Sections)
        {
            Line(text, $"<section><h2>{PrintedPage.Html(section.Heading)}</h2>");
            foreach (var part in section.Parts)
            {
                switch (part)
                {
                    case Paragraph paragraph:
                        Line(text, $"<p>{PrintedPage.Html(paragraph.Text)}</p>");
                        break;
                    case Table table:
                        Write(text, table);
                        break;
                    case Chart chart:
                        Line(text, ReportChart.Svg(chart, ++charts));
                        break;
                }
            }

            Line(text, "</section>");
        }

        Line(text, "</main></body></html>");
        return text.ToString();
    }

    private static void Write(StringBuilder text, Table table)
    {
        // Focusable, so that a wide table can be scrolled with the keyboard.
        Line(text, $"<div class=\"scroll\" tabindex=\"0\"><table><caption>{PrintedPage.Html(table.Caption)}</caption><thead><tr>{string.Concat(table.Heads.Select((head, column) => $"<th scope=\"col\"{Class(table, column)}>{PrintedPage.Html(head)}</th>"))}</tr></thead><tbody>");
        foreach (var row in table.Rows)
        {
            Line(text, $"<tr>{string.Concat(row.Select((cell, column) => column == 0 ? $"<th scope=\"row\">{PrintedPage.Html(cell)}</th>" : $"<td{Class(table, column)}>{PrintedPage.Html(cell)}</td>"))}</tr>");
        }

        Line(text, "</tbody></table></div>");
    }

    private static string Class(Table table, int column) => column < table.Numbers ? "" : " class=\"n\"";

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
