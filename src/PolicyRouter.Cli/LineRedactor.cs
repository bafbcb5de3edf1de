using System.Buffers;
using System.Text;
using System.Text.Json;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Cli;

/// <summary>
/// Redacts lines <c>{"id","text"}</c>, each a request of its own with its own placeholders; pseudonyms are the same in all of them. Safe for use by many threads.
/// </summary>
internal sealed class LineRedactor(SensitiveTextScanner scanner, RedactionProfile profile)
{
    private readonly ReplacementSources _sources = new(RedactionKey.NewRandom("once"), Conversation: null, TimeProvider.System);

    /// <summary>The line <c>{"id","redacted","spans"}</c>; null when the line is not what it should be. Offsets are Unicode code points.</summary>
    public string? Redact(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("id", out JsonElement id)
                && root.TryGetProperty("text", out JsonElement text)
                && text.ValueKind == JsonValueKind.String
                    ? Written(id, text.GetString() ?? string.Empty)
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // GetString throws InvalidOperationException for an escape that is half a surrogate pair.
            return null;
        }
    }

    private string Written(JsonElement id, string text)
    {
        List<Finding> findings = [];
        scanner.Scan(text, default, findings);
        using PlaceholderTable table = new(_sources);
        int replaced = 0;
        string redacted = table.Replace(text, findings, [profile], ref replaced) ?? text;

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("id");
            id.WriteTo(writer);
            writer.WriteString("redacted", redacted);
            writer.WriteStartArray("spans");
            WriteSpans(writer, text, findings);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void WriteSpans(Utf8JsonWriter writer, string text, List<Finding> findings)
    {
        int units = 0;
        int codePoints = 0;
        foreach (Finding finding in findings.Where(finding => profile.MethodFor(finding) is not null))
        {
            codePoints += CodePoints(text.AsSpan(units..finding.Start));
            int length = CodePoints(text.AsSpan(finding.Start, finding.Length));
            writer.WriteStartObject();
            writer.WriteNumber("start", codePoints);
            writer.WriteNumber("end", codePoints + length);
            writer.WriteString("type", finding.Type.ToString());
            writer.WriteNumber("score", ScoreOf(finding.Confidence));
            writer.WriteEndObject();
            units = finding.End;
            codePoints += length;
        }
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    private static double ScoreOf(Confidence confidence) =>
        confidence switch
        {
            Confidence.High => 0.95,
            Confidence.Medium => 0.75,
            _ => 0.5,
        };
}
