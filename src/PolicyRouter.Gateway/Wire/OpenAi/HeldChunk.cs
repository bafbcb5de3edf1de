using System.Globalization;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>A chunk with a text that was held back, in the shape of the deltas it came from.</summary>
/// <param name="Envelope">What it has in common with the other chunks: a JSON object.</param>
/// <param name="Path">The path of its place.</param>
internal readonly record struct HeldChunk(ReadOnlyMemory<byte> Envelope, int Choice, string Path, string Text)
{
    /// <summary>Writes what every chunk of a stream has in common.</summary>
    public static void WriteEnvelope(JsonElement root, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name is "id" or "object" or "created" or "model" or "system_fingerprint" or "service_tier")
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        using (var envelope = JsonDocument.Parse(Envelope))
        {
            foreach (var member in envelope.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", Choice);
        WritePath(Path.Split('/').AsSpan(1), Text, writer);
        writer.WriteNull("finish_reason");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WritePath(ReadOnlySpan<string> path, string text, Utf8JsonWriter writer)
    {
        if (path.IsEmpty)
        {
            writer.WriteStringValue(text);
            return;
        }

        if (!path[0].StartsWith('#'))
        {
            writer.WritePropertyName(ChunkPlace.Unescape(path[0]));
            if (path.Length == 1)
            {
                writer.WriteStringValue(text);
                return;
            }

            if (path[1].StartsWith('#'))
            {
                writer.WriteStartArray();
                WritePath(path[1..], text, writer);
                writer.WriteEndArray();
                return;
            }

            writer.WriteStartObject();
            WritePath(path[1..], text, writer);
            writer.WriteEndObject();
            return;
        }

        if (path.Length == 1)
        {
            writer.WriteStringValue(text);
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("index", int.Parse(path[0].AsSpan(1), CultureInfo.InvariantCulture));
        WritePath(path[1..], text, writer);
        writer.WriteEndObject();
    }
}
