using System.Text.Json;
using System.Text.Unicode;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire;

/// <summary>Providers are no more trusted than callers: what cannot be decoded is no answer.</summary>
internal static class AnswerText
{
    /// <summary>Checks the bytes of one JSON value, so that every string in it can be read.</summary>
    /// <exception cref="MalformedAnswerException">Invalid UTF-8, or half of a surrogate pair alone.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new MalformedAnswerException("An answer that is not valid UTF-8.");
        }

        if (json.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !JsonText.IsDecodable(ref reader))
            {
                throw new MalformedAnswerException("An answer with half of a surrogate pair.");
            }
        }
    }
}
