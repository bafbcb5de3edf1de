using System.Buffers;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>What the classes of this folder share.</summary>
internal static class MessageJson
{
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    public static int Index(JsonElement element) =>
        element.TryGetProperty("index", out var index) && index.ValueKind is JsonValueKind.Number && index.TryGetInt32(out var value) ? value : 0;

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
