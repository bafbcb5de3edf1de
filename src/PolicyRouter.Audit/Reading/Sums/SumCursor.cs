using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace PolicyRouter.Audit.Reading.Sums;

/// <summary>Where a page of sums ended: the key of its last row.</summary>
internal static class SumCursor
{
    private const string DayFormat = "yyyy-MM-dd";

    public static string Of(DateOnly day, params string[] names) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes((string[])[day.ToString(DayFormat, CultureInfo.InvariantCulture), .. names]));

    /// <param name="names">How many names follow the day.</param>
    /// <exception cref="ArgumentException">The text is no cursor of ours.</exception>
    public static (DateOnly Day, string[] Names) Parse(string text, int names)
    {
        try
        {
            if (Base64Url.IsValid(text)
                && JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(text)) is { } key && key.Length == names + 1
                && key.All(static part => part?.Contains('\0', StringComparison.Ordinal) is false)
                && DateOnly.TryParseExact(key[0], DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                return (day, [.. key.Skip(1).Select(static part => part!)]);
            }
        }
        catch (JsonException)
        {
            // Not one of ours either.
        }

        throw new ArgumentException("The cursor is not one that a page of sums gave.", nameof(text));
    }
}
