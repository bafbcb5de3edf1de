using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Anthropic;

/// <summary>Translates images: <c>data:</c> URLs of base64 and addresses.</summary>
internal static class AnthropicImage
{
    private const string Marker = ";base64,";

    /// <summary>Writes an image block; false, and nothing is written, for a part that is none or that asks for more than the image.</summary>
    public static bool Write(JsonElement part, Utf8JsonWriter writer)
    {
        if (AnthropicFormat.TextOf(part, "type") != "image_url" || part.EnumerateObject().Count() != 2 || !part.TryGetProperty("image_url", out var image)
            || AnthropicFormat.TextOf(image, "url") is not { } url || image.EnumerateObject().Any(static member => member.Name != "url" && !(member.Name == "detail" && member.Value.ValueEquals("auto"u8))))
        {
            return false;
        }

        var isData = url.StartsWith("data:", StringComparison.Ordinal);
        var marker = url.IndexOf(Marker, StringComparison.Ordinal);
        if (isData ? marker < 0 : !url.StartsWith("https://", StringComparison.Ordinal))
        {
            return false;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "image");
        writer.WriteStartObject("source");
        writer.WriteString("type", isData ? "base64" : "url");
        if (isData)
        {
            writer.WriteString("media_type", url.AsSpan("data:".Length, marker - "data:".Length));
            writer.WriteString("data", url.AsSpan(marker + Marker.Length));
        }
        else
        {
            writer.WriteString("url", url);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        return true;
    }
}
