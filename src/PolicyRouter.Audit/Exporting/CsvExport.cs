using System.Globalization;
using System.Text;

namespace PolicyRouter.Audit.Exporting;

/// <summary>
/// RFC 4180. What a spreadsheet would take for a formula (a value that begins with <c>= + - @</c>, a tab or a line end) gets an
/// apostrophe in front: names of apps and tenants come from outside.
/// </summary>
internal sealed class CsvExport : IExportWriter
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public async Task WriteAsync(HistorySnapshot history, Stream output, CancellationToken cancellationToken)
    {
        await using StreamWriter writer = new(output, Utf8, bufferSize: 65_536, leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync($"shard,epoch,index,{string.Join(',', ExportedRow.TextColumns)}".AsMemory(), cancellationToken);
        StringBuilder line = new();
        foreach (var log in history.Logs)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{Cell(log.Head.Shard)},{log.Head.Epoch},");
            await foreach (var page in history.PagesAsync(log, cancellationToken))
            {
                foreach (var entry in page.Entries)
                {
                    line.Clear().Append(place).Append(CultureInfo.InvariantCulture, $"{entry.Index}");
                    foreach (var value in ExportedRow.TextsOf(entry))
                    {
                        line.Append(',').Append(Cell(value));
                    }

                    await writer.WriteLineAsync(line, cancellationToken);
                }
            }
        }
    }

    /// <summary>A value as it stands between commas.</summary>
    internal static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "";
        }

        var safe = value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? "'" + value : value;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
