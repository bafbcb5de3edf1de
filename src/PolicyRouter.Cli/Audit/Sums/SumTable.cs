using System.Globalization;
using System.Text;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Cli.Policy;

namespace PolicyRouter.Cli.Audit.Sums;

/// <summary>How a command prints.</summary>
internal enum SumFormat
{
    Table,
    Json,
    Csv,
}

/// <summary>One column of sums: its name in JSON and CSV, and what is in it. A number is printed as one.</summary>
internal sealed record SumColumn<T>(string Name, Func<T, object?> Value);

/// <summary>Rows of sums for people, scripts and spreadsheets.</summary>
internal static class SumTable
{
    public static string Of<T>(IReadOnlyList<T> rows, IReadOnlyList<SumColumn<T>> columns, SumPage<T> last, SumFormat format) => format switch
    {
        SumFormat.Json => Json(rows, columns, last),
        SumFormat.Csv => string.Join('\n', rows.Select(row => columns.Select(column => Quoted(column.Value(row)))).Prepend(columns.Select(static column => column.Name)).Select(static cells => string.Join(',', cells))),
        _ => Table(rows, columns),
    };

    /// <summary>How far behind, in a sentence.</summary>
    public static string Standing<T>(SumPage<T> page) => page.Standing.Behind == 0
        ? $"All that was recorded by {Time(page.Standing.AsOf)} is counted."
        : string.Create(CultureInfo.InvariantCulture, $"As of {Time(page.Standing.AsOf)}: {page.Standing.Behind} recorded events are not counted yet. A gateway with Audit:Projections counts them.");

    private static string Table<T>(IReadOnlyList<T> rows, IReadOnlyList<SumColumn<T>> columns)
    {
        if (rows.Count == 0)
        {
            return "Nothing is counted for this.";
        }

        List<string[]> lines = [[.. columns.Select(static column => column.Name.ToUpperInvariant())], .. rows.Select(row => columns.Select(column => Text(column.Value(row), "-")).ToArray())];
        var widths = Enumerable.Range(0, columns.Count).Select(column => lines.Max(line => line[column].Length)).ToArray();
        return string.Join('\n', lines.Select(line => string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }

    private static string Json<T>(IReadOnlyList<T> rows, IReadOnlyList<SumColumn<T>> columns, SumPage<T> last) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("rows");
        foreach (var row in rows)
        {
            writer.WriteStartObject();
            foreach (var column in columns)
            {
                switch (column.Value(row))
                {
                    case decimal number:
                        writer.WriteNumber(column.Name, number);
                        break;
                    case long number:
                        writer.WriteNumber(column.Name, number);
                        break;
                    case null:
                        writer.WriteNull(column.Name);
                        break;
                    case var other:
                        writer.WriteString(column.Name, Invariant(other));
                        break;
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("asOf", Time(last.Standing.AsOf));
        writer.WriteNumber("eventsBehind", last.Standing.Behind);
        writer.WriteEndObject();
    });

    private static string Quoted(object? value)
    {
        var text = Text(value, "");

        // What a spreadsheet would take for a formula is made a text.
        var safe = value is string && text is ['=' or '+' or '-' or '@', ..] ? "'" + text : text;
        return safe.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    private static string Text(object? value, string none) => value is null ? none : Printable(Invariant(value));

    private static string Invariant(object value) => value switch
    {
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset time => Time(time),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>What came from callers must not move the cursor or change colours.</summary>
    private static string Printable(string text) => text.Any(char.IsControl)
        ? new StringBuilder(text.Length).AppendJoin(null, text.Select(static character => char.IsControl(character) ? '\uFFFD' : character)).ToString()
        : text;
}
