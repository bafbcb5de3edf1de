using System.Buffers;
using PolicyRouter.Redaction.Labels;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// A table with a column name on the first line and values below, divided by commas, semicolons, tabs or bars (RFC 4180 and its relatives): the column's name is the
/// label of every value under it.
/// </summary>
internal static class DelimitedTable
{
    /// <summary>Most columns looked at.</summary>
    private const int MaxColumns = 64;
    private const int MaxHeader = 2_048;

    private static readonly SearchValues<char> Delimiters = SearchValues.Create(",;\t|");

    internal delegate void CellScanner(ReadOnlySpan<char> cell, ReadOnlySpan<char> column, List<Finding> findings);

    /// <summary>Scans every cell under a column whose name is a label; adds what is found with its place in the whole text.</summary>
    public static void Scan(ReadOnlySpan<char> text, List<Finding> findings, CellScanner scanCell)
    {
        int lineEnd = text.IndexOf('\n');
        int divider = lineEnd is > 0 and <= MaxHeader ? text[..lineEnd].IndexOfAny(Delimiters) : -1;
        if (divider < 0)
        {
            return;
        }

        char delimiter = text[divider];
        Span<Range> columns = stackalloc Range[MaxColumns];
        int count = Cells(text, 0, lineEnd, delimiter, columns);
        if (count < 2 || !AnyLabel(text, columns[..count]))
        {
            return;
        }

        Span<Range> cells = stackalloc Range[MaxColumns];
        for (int start = lineEnd + 1; start < text.Length;)
        {
            int length = text[start..].IndexOf('\n');
            int end = length < 0 ? text.Length : start + length;
            if (Cells(text, start, end, delimiter, cells) == count)
            {
                for (int i = 0; i < count; i++)
                {
                    ScanOne(text, cells[i], text[columns[i]], findings, scanCell);
                }
            }

            start = end + 1;
        }
    }

    private static void ScanOne(ReadOnlySpan<char> text, Range cell, ReadOnlySpan<char> column, List<Finding> findings, CellScanner scanCell)
    {
        if (LabelReader.Of(column) is LabelKind.None or LabelKind.Version)
        {
            return;
        }

        int first = findings.Count;
        scanCell(text[cell], column, findings);
        for (int i = first; i < findings.Count; i++)
        {
            findings[i] = findings[i] with { Start = findings[i].Start + cell.Start.Value };
        }
    }

    private static bool AnyLabel(ReadOnlySpan<char> text, ReadOnlySpan<Range> columns)
    {
        foreach (Range column in columns)
        {
            if (LabelReader.Of(text[column]) is not (LabelKind.None or LabelKind.Version))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The cells of a line without blanks and quotes around them; -1 when there are too many.</summary>
    private static int Cells(ReadOnlySpan<char> text, int start, int end, char delimiter, Span<Range> cells)
    {
        int count = 0;
        int from = start;
        bool isQuoted = false;
        for (int at = start; at <= end; at++)
        {
            isQuoted ^= at < end && text[at] == '"';
            if (at < end && (text[at] != delimiter || isQuoted))
            {
                continue;
            }

            if (count == cells.Length)
            {
                return -1;
            }

            cells[count++] = Trimmed(text, from, at);
            from = at + 1;
        }

        return count;
    }

    private static Range Trimmed(ReadOnlySpan<char> text, int start, int end)
    {
        while (start < end && text[start] is ' ' or '"' or '\r')
        {
            start++;
        }

        while (end > start && text[end - 1] is ' ' or '"' or '\r')
        {
            end--;
        }

        return start..end;
    }
}
