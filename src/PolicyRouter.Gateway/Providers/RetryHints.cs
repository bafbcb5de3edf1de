using System.Globalization;
using System.Net.Http.Headers;

namespace PolicyRouter.Gateway.Providers;

/// <summary>Reads how long a provider asks us to wait.</summary>
internal static class RetryHints
{
    // Longer than anybody waits for an answer; keeps arithmetic on it safe.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>
    /// <c>retry-after-ms</c> and <c>x-ms-retry-after-ms</c> (milliseconds) before <c>retry-after</c> (seconds or an HTTP date,
    /// RFC 9110 section 10.2.3), as the more exact ones; null when none is there or readable.
    /// </summary>
    public static TimeSpan? Read(HttpResponseHeaders headers, TimeProvider time)
    {
        var pause = Milliseconds(headers, "retry-after-ms") ?? Milliseconds(headers, "x-ms-retry-after-ms")
            ?? headers.RetryAfter?.Delta
            ?? (headers.RetryAfter?.Date is { } date ? date - time.GetUtcNow() : null);
        return pause is not { } asked ? null : asked < TimeSpan.Zero ? TimeSpan.Zero : asked > Longest ? Longest : asked;
    }

    private static TimeSpan? Milliseconds(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values)
        && double.TryParse(values.FirstOrDefault(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds)
        && double.IsFinite(milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, Longest.TotalMilliseconds))
            : null;
}
