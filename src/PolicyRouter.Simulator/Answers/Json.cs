using System.Text.Encodings.Web;
using System.Text.Json;

namespace PolicyRouter.Simulator.Answers;

/// <summary>JSON as providers write it: UTF-8 left as it is, only what JSON itself demands escaped.</summary>
internal static class Json
{
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The text of a string property, or null if it is missing or of another kind.</summary>
    public static string? Text(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>An integer property, or null if it is missing, null or of another kind.</summary>
    public static int? Integer(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    /// <summary>True only for a property that is there and true.</summary>
    public static bool Flag(this JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True;

    /// <summary>A property that is there and not null.</summary>
    public static bool TryGet(this JsonElement element, ReadOnlySpan<byte> name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind is not JsonValueKind.Null;
}
