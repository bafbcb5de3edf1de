using System.Buffers;
using System.Globalization;
using System.Text.Json;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Exporting;

/// <summary>What the export of one log begins with.</summary>
/// <param name="First">Index of its first entry in the export.</param>
/// <param name="End">Index behind its last one.</param>
/// <param name="Left">The right edge of the tree over the entries before the first.</param>
/// <param name="Checkpoint">The newest signed checkpoint of the log; null when there is none.</param>
/// <param name="Proof">That the tree of the checkpoint begins with the one that ends here (RFC 6962); empty when the checkpoint is not larger.</param>
internal sealed record ExportedLog(
    string Shard, long Epoch, long First, long End, IReadOnlyList<byte[]> Left, string? Checkpoint, IReadOnlyList<byte[]> Proof);

/// <summary>What an export says about itself.</summary>
/// <param name="IsWhole">Not one of a time.</param>
/// <param name="IsOfOneLog">The archive of one log.</param>
/// <param name="Logs">How many logs follow.</param>
internal sealed record ExportManifest(DateTimeOffset At, bool IsWhole, bool IsOfOneLog, int Logs);

/// <summary>
/// The lines of an NDJSON export that are no events: a manifest first; before the entries of each log what it is, before each run of
/// them their leaf hashes; last a sum over all lines before it. No event begins like one of them, since properties of events are in order.
/// </summary>
internal static class ExportLines
{
    public const string Format = "policyrouter/export/v1";

    private const string OneLog = "one log";

    public static ReadOnlySpan<byte> Manifest => "{\"manifest\":"u8;
    public static ReadOnlySpan<byte> Log => "{\"log\":"u8;
    public static ReadOnlySpan<byte> Batch => "{\"batch\":"u8;
    public static ReadOnlySpan<byte> Sum => "{\"sum\":"u8;

    public static byte[] ManifestLine(DateTimeOffset at, DateTimeOffset? from, DateTimeOffset? to, bool isOfOneLog, int logs) => Line("manifest", writer =>
    {
        writer.WriteString("format", Format);
        writer.WriteString("at", Text(at));
        if (from is { } begin)
        {
            writer.WriteString("from", Text(begin));
        }

        if (to is { } end)
        {
            writer.WriteString("to", Text(end));
        }

        if (isOfOneLog)
        {
            writer.WriteString("of", OneLog);
        }

        writer.WriteNumber("logs", logs);
    });

    public static byte[] LogLine(ExportedLog log) => Line("log", writer =>
    {
        writer.WriteString("shard", log.Shard);
        writer.WriteNumber("epoch", log.Epoch);
        writer.WriteNumber("first", log.First);
        writer.WriteNumber("end", log.End);
        Hashes(writer, "left", log.Left);
        writer.WriteString("checkpoint", log.Checkpoint);
        Hashes(writer, "proof", log.Proof);
    });

    public static byte[] BatchLine(long first, byte[] leafHashes) => Line("batch", writer =>
    {
        writer.WriteNumber("first", first);
        writer.WriteBase64String("leafHashes", leafHashes);
    });

    public static byte[] SumLine(long rows, byte[] sha256) => Line("sum", writer =>
    {
        writer.WriteNumber("rows", rows);
        writer.WriteString("sha256", Convert.ToHexStringLower(sha256));
    });

    public static ExportManifest ReadManifest(ReadOnlyMemory<byte> line) => Read(line, "manifest", static manifest =>
        manifest.GetProperty("format").GetString() == Format
            ? new ExportManifest(
                DateTimeOffset.Parse(manifest.GetProperty("at").GetString()!, CultureInfo.InvariantCulture),
                IsWhole: !manifest.TryGetProperty("from", out _) && !manifest.TryGetProperty("to", out _),
                IsOfOneLog: manifest.TryGetProperty("of", out var of) && of.GetString() == OneLog,
                manifest.GetProperty("logs").GetInt32())
            : throw new FormatException("The export is of another format."));

    public static ExportedLog ReadLog(ReadOnlyMemory<byte> line) => Read(line, "log", static log => new ExportedLog(
        log.GetProperty("shard").GetString()!,
        log.GetProperty("epoch").GetInt64(),
        log.GetProperty("first").GetInt64(),
        log.GetProperty("end").GetInt64(),
        [.. log.GetProperty("left").EnumerateArray().Select(ReadHash)],
        log.GetProperty("checkpoint").GetString(),
        [.. log.GetProperty("proof").EnumerateArray().Select(ReadHash)]));

    public static (long First, byte[] LeafHashes) ReadBatch(ReadOnlyMemory<byte> line) => Read(line, "batch", static batch =>
        (batch.GetProperty("first").GetInt64(),
            batch.GetProperty("leafHashes").GetBytesFromBase64() is var hashes && hashes.Length % TreeHash.Size == 0 ? hashes : throw new FormatException("A leaf hash was cut.")));

    public static (long Rows, string Sha256) ReadSum(ReadOnlyMemory<byte> line) => Read(line, "sum", static sum =>
        (sum.GetProperty("rows").GetInt64(), sum.GetProperty("sha256").GetString()!));

    private static byte[] ReadHash(JsonElement hash) =>
        hash.GetBytesFromBase64() is { Length: TreeHash.Size } bytes ? bytes : throw new FormatException("A hash was cut.");

    private static T Read<T>(ReadOnlyMemory<byte> line, string name, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return read(document.RootElement.GetProperty(name));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            throw new FormatException($"A line of the kind `{name}` cannot be read.");
        }
    }

    private static byte[] Line(string name, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(name);
            write(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Hashes(Utf8JsonWriter writer, string name, IReadOnlyList<byte[]> hashes)
    {
        writer.WriteStartArray(name);
        foreach (var hash in hashes)
        {
            writer.WriteBase64StringValue(hash);
        }

        writer.WriteEndArray();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(CanonicalJson.TimeFormat, CultureInfo.InvariantCulture);
}
