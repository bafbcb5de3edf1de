using System.Globalization;
using System.Text.Json;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Verifying;

/// <summary>What every event says about itself.</summary>
internal readonly record struct EventFacts(string Type, Guid Id, DateTimeOffset At)
{
    /// <summary>Null when the bytes are no event.</summary>
    public static EventFacts? TryRead(ReadOnlySpan<byte> canonicalJson)
    {
        try
        {
            return Read(canonicalJson);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static EventFacts? Read(ReadOnlySpan<byte> canonicalJson)
    {
        Utf8JsonReader reader = new(canonicalJson);
        (string? type, Guid? id, DateTimeOffset? at) = (null, null, null);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = reader.GetString();
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = reader.GetGuid();
            }
            else if (reader.ValueTextEquals("at"u8))
            {
                reader.Read();
                at = DateTimeOffset.ParseExact(reader.GetString() ?? "", CanonicalJson.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            }
            else
            {
                reader.Skip();
            }
        }

        return type is not null && id is { } own && at is { } time ? new EventFacts(type, own, time) : null;
    }
}
