using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using PolicyRouter.Audit.Reading;
using PolicyRouter.WebConsole.Reading;

namespace PolicyRouter.WebConsole.Exporting;

/// <summary>
/// An export as CSV (RFC 4180, UTF-8). What the export is stands in lines before the table that begin with <c>#</c>; the last line says how many rows
/// there were, so that a file that was cut off is seen to be.
/// </summary>
internal static class CsvExport
{
    private const int FlushBytes = 65_536;

    private static readonly string[] Columns =
    [
        "id", "time", "outcome", "refusal", "end", "app", "tenant", "route", "classes", "policy", "authorized", "answered_by", "attempts", "redactions",
        "duration_ms", "status", "input_tokens", "output_tokens", "model",
    ];

    public static async Task WriteAsync(PipeWriter output, ExportHeader header, IAsyncEnumerable<DecisionSummary> rows, CancellationToken cancellationToken)
    {
        foreach (var line in Preamble(header))
        {
            WriteLine(output, [line]);
        }

        WriteLine(output, Columns);
        long written = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            WriteLine(output, Cells(row));
            written++;
            if (output.UnflushedBytes >= FlushBytes)
            {
                await output.FlushAsync(cancellationToken);
            }
        }

        WriteLine(output, [string.Create(CultureInfo.InvariantCulture, $"# end of the export: {written} rows")]);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>A cell that a spreadsheet takes neither for a formula nor for more than one cell.</summary>
    internal static string Cell(string value)
    {
        var safe = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? "'" + value : value;
        return safe.AsSpan().IndexOfAny("\",\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static IEnumerable<string> Preamble(ExportHeader header)
    {
        yield return $"# PolicyRouter decisions exported {UtcText.Exact(header.At)} by {header.By}";
        yield return $"# search: {(header.Search.Length > 0 ? header.Search : "everything")}";
        yield return $"# time: {(header.From is { } from ? $"from {UtcText.Exact(from)}" : "from the beginning")}{(header.To is { } to ? $" to {UtcText.Exact(to)}" : "")}";
        yield return $"# tenant: {header.Tenant ?? "all"}";
        yield return string.Create(CultureInfo.InvariantCulture, $"# rows: {header.Rows}");
        foreach (var head in header.Heads)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"# log: shard {head.Shard} epoch {head.Epoch} size {head.Size} root {head.Root ?? "none"}");
        }
    }

    private static string[] Cells(DecisionSummary row) =>
    [
        row.Id.ToString(), UtcText.Exact(row.At), row.Outcome, row.RefusalCode ?? "", row.End ?? "", row.App, row.Tenant, row.Route, string.Join(' ', row.Classes),
        row.PolicyVersion, string.Join(' ', row.AuthorizedDeployments), row.AnsweredBy ?? "", Number(row.Attempts), Number(row.Redactions), Number(row.DurationMs),
        Number(row.HttpStatus), Number(row.InputTokens), Number(row.OutputTokens), row.Model ?? "",
    ];

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static void WriteLine(PipeWriter output, IReadOnlyList<string> cells) =>
        Encoding.UTF8.GetBytes(string.Join(',', cells.Select(Cell)) + "\r\n", output);
}
