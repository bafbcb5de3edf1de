using System.Globalization;

namespace PolicyRouter.WebConsole.Reading;

/// <summary>Times and numbers as the console writes them: UTC, and the same everywhere.</summary>
internal static class UtcText
{
    /// <summary>For people, to the millisecond.</summary>
    public static string Shown(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>For machines.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>As a form field for a local time holds it.</summary>
    public static string Field(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture) ?? "";

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Milliseconds as people say them.</summary>
    public static string Duration(long? milliseconds) => milliseconds switch
    {
        null => "–",
        < 10_000 and { } ms => string.Create(CultureInfo.InvariantCulture, $"{ms:N0} ms"),
        { } ms => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:N1} s"),
    };
}
