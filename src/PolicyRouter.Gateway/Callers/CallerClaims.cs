using System.Buffers.Text;
using System.Text.Json;

namespace PolicyRouter.Gateway.Callers;

/// <summary>Reads a <see cref="Caller"/> from the payload of a token whose signature has been checked.</summary>
internal static class CallerClaims
{
    private const int MaxValues = 64;
    private const int MaxValueLength = 256;

    // Two claims of one name would let two readers see two callers.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The caller, or null when a claim is not a text (or a list of texts) of sensible length.</summary>
    public static Caller? Read(string encodedPayload)
    {
        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(encodedPayload), Strict);
            var claims = payload.RootElement;
            return claims.ValueKind == JsonValueKind.Object
                && Single(claims, "sub") is { Length: > 0 } and not Caller.ProbeApp and var app
                && Single(claims, "tenant") is { } tenant
                && Single(claims, "business_unit") is { } unit
                && Single(claims, "priority") is { } priority
                && List(claims, "roles") is { } roles
                && List(claims, "data_class_floor") is { } floor
                && List(claims, "purposes") is { } purposes
                && List(claims, "data_subjects") is { } subjects
                ? new Caller
                {
                    App = app,
                    Tenant = tenant,
                    BusinessUnit = unit,
                    Roles = roles,
                    FloorClasses = floor,
                    Purposes = purposes,
                    DataSubjects = subjects,
                    Priority = priority switch
                    {
                        "low" => CallerPriority.Low,
                        "high" => CallerPriority.High,
                        _ => CallerPriority.Normal,
                    },
                }
                : null;
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Empty when absent, null when malformed.</summary>
    private static string? Single(JsonElement claims, string name) =>
        !claims.TryGetProperty(name, out var value) ? "" : Text(value);

    private static List<string>? List(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return Text(value) is { } single ? [single] : null;
        }

        if (value.GetArrayLength() > MaxValues)
        {
            return null;
        }

        List<string> values = [];
        foreach (var element in value.EnumerateArray())
        {
            if (Text(element) is not { } text)
            {
                return null;
            }

            if (!values.Contains(text, StringComparer.Ordinal))
            {
                values.Add(text);
            }
        }

        return values;
    }

    private static string? Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaxValueLength } text && !text.Any(char.IsControl)
            ? text
            : null;
}
