using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using PolicyRouter.Audit.Reading;
using PolicyRouter.WebConsole.Reading;

namespace PolicyRouter.WebConsole.Exporting;

/// <summary>An export as one JSON object a line: first <c>{"export":…}</c>, then one per request, last <c>{"end":{"rows":…}}</c>.</summary>
internal static class NdjsonExport
{
    private const int FlushBytes = 65_536;
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    public static async Task WriteAsync(PipeWriter output, ExportHeader header, IAsyncEnumerable<DecisionSummary> rows, CancellationToken cancellationToken)
    {
        WriteLine(output, writer => Write(writer, header));
        long written = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            WriteLine(output, writer => JsonSerializer.Serialize(writer, row, JsonSerializerOptions.Web));
            written++;
            if (output.UnflushedBytes >= FlushBytes)
            {
                await output.FlushAsync(cancellationToken);
            }
        }

        WriteLine(output, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("end");
            writer.WriteNumber("rows", written);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
        await output.FlushAsync(cancellationToken);
    }

    private static void Write(Utf8JsonWriter writer, ExportHeader header)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("export");
        writer.WriteString("format", "policyrouter/decisions/v1");
        writer.WriteString("at", UtcText.Exact(header.At));
        writer.WriteString("by", header.By);
        writer.WriteString("search", header.Search);
        writer.WriteString("from", header.From is { } from ? UtcText.Exact(from) : null);
        writer.WriteString("to", header.To is { } to ? UtcText.Exact(to) : null);
        writer.WriteString("tenant", header.Tenant);
        writer.WriteNumber("rows", header.Rows);
        writer.WriteStartArray("log");
        foreach (var head in header.Heads)
        {
            writer.WriteStartObject();
            writer.WriteString("shard", head.Shard);
            writer.WriteNumber("epoch", head.Epoch);
            writer.WriteNumber("size", head.Size);
            writer.WriteString("root", head.Root);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteLine(PipeWriter output, Action<Utf8JsonWriter> write)
    {
        using (Utf8JsonWriter writer = new(output))
        {
            write(writer);
        }

        output.Write(NewLine);
    }
}
