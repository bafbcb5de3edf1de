using System.Buffers;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire;

/// <summary>The frame of every translation of a request.</summary>
internal static class Translation
{
    /// <param name="gapOf">What a member of the body, which is there and not null, means that the other API has no form for, in fixed words; null when it has.</param>
    /// <param name="write">Writes the members of the translated body but for the model; what cannot be translated, or null.</param>
    /// <inheritdoc cref="RequestTranslator"/>
    public static byte[]? Of(ReadOnlyMemory<byte> body, Func<string, JsonElement, string?> gapOf, Func<JsonElement, Utf8JsonWriter, string?> write, out string? missing)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        missing = root.EnumerateObject()
            .Where(static member => member.Value.ValueKind is not JsonValueKind.Null)
            .Select(member => gapOf(member.Name, member.Value))
            .FirstOrDefault(static gap => gap is not null);
        if (missing is not null)
        {
            return null;
        }

        ArrayBufferWriter<byte> output = new(body.Length + 256);
        using (Utf8JsonWriter writer = new(output, JsonText.Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteString("model", root.GetProperty("model").GetString());
            missing = write(root, writer);
            if (missing is not null)
            {
                // The writer stands in the middle of something; what it wrote is thrown away.
                return null;
            }

            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }
}
