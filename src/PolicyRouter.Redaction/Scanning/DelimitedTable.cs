using System.Buffers;
using PolicyRouter.Redaction.Labels;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// A table with a column name on the first line and values below, divided by commas, semicolons, tabs or bars (RFC 4180 and its relatives): the column's name is the
/// label of every value under it, however many columns there are.
/// </summary>
internal static class DelimitedTable
{
    private static readonly SearchValues<char> Delimiters = SearchValues.Create(",;\t|");

    internal delegate void CellScanner(ReadOnlySpan<char> cell, ReadOnlySpan<char> column, List<Finding> findings);

    /// <summary>Scans every cell under a column whose name is a label; adds what is found with its place in the whole text.</summary>
    public static void Scan(ReadOnlySpan<char> text, List<Finding> findings, CellScanner scanCell)
    {
        int lineEnd = text.IndexOf('\n');
        int divider = lineEnd > 0 ? text[..lineEnd].IndexOfAny(Delimiters) : -1;
        if (divider < 0)
        {
            return;
        }

        char delimiter = text[divider];
        int most = text[..lineEnd].Count(delimiter) + 1;
        Range[] columns = ArrayPool<Range>.Shared.Rent(most);
        Range[] cells = ArrayPool<Range>.Shared.Rent(most);
        int count = Cells(text, 0, lineEnd, delimiter, columns);
        List<int>? labelled = count < 2 ? null : Labelled(text, columns.AsSpan(0, count));
        for (int start = lineEnd + 1; labelled is not null && start < text.Length;)
        {
            int length = text[start..].IndexOf('\n');
            int end = length < 0 ? text.Length : start + length;
            if (Cells(text, start, end, delimiter, cells.AsSpan(0, count)) == count)
            {
                foreach (int i in labelled)
                {
                    ScanOne(text, cells[i], text[columns[i]], findings, scanCell);
                }
            }

            start = end + 1;
        }

        ArrayPool<Range>.Shared.Return(columns);
        ArrayPool<Range>.Shared.Return(cells);
    }

    private static void ScanOne(ReadOnlySpan<char> text, Range cell, ReadOnlySpan<char> column, List<Finding> findings, CellScanner scanCell)
    {
        int first = findings.Count;
        scanCell(text[cell], column, findings);
        for (int i = first; i < findings.Count; i++)
        {
            findings[i] = findings[i] with { Start = findings[i].Start + cell.Start.Value };
        }
    }

    /// <summary>The columns whose name is a label; null when there is none.</summary>
    private static List<int>? Labelled(ReadOnlySpan<char> text, ReadOnlySpan<Range> columns)
    {
        List<int>? labelled = null;
        for (int i = 0; i < columns.Length; i++)
        {
            if (LabelReader.Of(text[columns[i]]) is not (LabelKind.None or LabelKind.Version))
            {
                (labelled ??= []).Add(i);
            }
        }

        return labelled;
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
