using System.Buffers;
using System.Text.Json;
using PolicyRouter.Gateway.Wire.Sse;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>What the classes of this folder share.</summary>
internal static class MessageJson
{
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>The <c>type</c> of an event; one of the known ones is no new string.</summary>
    public static string? Type(JsonElement root)
    {
        if (root.ValueKind is not JsonValueKind.Object || !root.TryGetProperty("type"u8, out var type) || type.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        foreach (var name in SseEventNames.Known)
        {
            if (type.ValueEquals(name))
            {
                return name;
            }
        }

        return type.GetString();
    }

    public static int Index(JsonElement element) =>
        element.TryGetProperty("index"u8, out var index) && index.ValueKind is JsonValueKind.Number && index.TryGetInt32(out var value) ? value : 0;

    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> output = new(256);
        using (Utf8JsonWriter writer = new(output, JsonText.Relaxed))
        {
            write(writer);
        }

        return output.WrittenMemory;
    }
}
