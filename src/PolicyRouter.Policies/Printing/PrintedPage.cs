using System.Net;
using System.Text;

namespace PolicyRouter.Policies.Printing;

/// <summary>What printed documents share: one look, and texts that can be nothing but text.</summary>
public static class PrintedPage
{
    public const string Style = "body{font:11pt/1.45 Georgia,serif;max-width:60em;margin:2em auto;padding:0 1em;color:#111}"
        + "h1{font-size:1.6em}h2{font-size:1.2em;border-bottom:1px solid #999;margin-top:2em}h3{font-size:1em;margin:1.2em 0 .2em}p{margin:.2em 0}"
        + "table{border-collapse:collapse;font:9pt/1.3 sans-serif}th,td{border:1px solid #999;padding:.3em .5em;text-align:left;vertical-align:top}"
        + ".facts{color:#444;font-size:.9em}.sign td{width:33%;height:3.5em;vertical-align:bottom}code{font-size:.85em;word-break:break-all}"
        + "@media print{body{margin:0}h2,h3{break-after:avoid}tr{break-inside:avoid}}";

    /// <summary>As text of an element or a quoted attribute. What no document may hold, or what turns the order of reading round, is replaced.</summary>
    public static string Html(string text) => WebUtility.HtmlEncode(Printable(text));

    /// <summary>With a backslash before what Markdown would take for markup, on one line.</summary>
    public static string Markdown(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (var c in Printable(text))
        {
            if (c is '\\' or '`' or '*' or '_' or '|' or '<' or '>' or '[' or ']' or '#' or '~' or '&')
            {
                escaped.Append('\\');
            }

            escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static string Printable(string text)
    {
        StringBuilder printable = new(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' or '\r' or '\t' or 0x2028 or 0x2029 => printable.Append(' '),
                < 0x20 or (>= 0x7F and < 0xA0) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFFFE or 0xFFFF => printable.Append('\uFFFD'),
                _ => printable.Append(rune.ToString()),
            };
        }

        return printable.ToString();
    }
}
