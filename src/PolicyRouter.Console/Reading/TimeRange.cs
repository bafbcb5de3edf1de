using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace PolicyRouter.WebConsole.Reading;

/// <summary>The time a page is about: so far back from now, or from one moment to another, in UTC.</summary>
internal sealed record TimeRange
{
    public const string DefaultLast = "24h";
    public const string Always = "all";

    /// <summary>The relative ranges on offer, and how they are called.</summary>
    public static IReadOnlyList<(string Last, string Words, TimeSpan? Span)> Offered { get; } =
    [
        ("1h", "last hour", TimeSpan.FromHours(1)),
        (DefaultLast, "last 24 hours", TimeSpan.FromHours(24)),
        ("7d", "last 7 days", TimeSpan.FromDays(7)),
        ("30d", "last 30 days", TimeSpan.FromDays(30)),
        ("90d", "last 90 days", TimeSpan.FromDays(90)),
        (Always, "all time", null),
    ];

    /// <summary>One of <see cref="Offered"/>; it does not count when <see cref="From"/> or <see cref="To"/> is given.</summary>
    public string Last { get; init; } = DefaultLast;

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    public bool IsAbsolute => From is not null || To is not null;
    public bool IsDefault => !IsAbsolute && Last == DefaultLast;

    public string Words => IsAbsolute
        ? $"{(From is { } from ? $"from {UtcText.Minute(from)}" : "from the beginning")} {(To is { } to ? $"to {UtcText.Minute(to)}" : "until now")}, UTC"
        : Offered.First(offered => offered.Last == Last).Words;

    /// <summary>The range of an address, or what is wrong with it.</summary>
    public static (TimeRange Range, string? Fault) Read(IQueryCollection query)
    {
        var last = Given(query, "last") ?? DefaultLast;
        if (!Offered.Any(offered => offered.Last == last))
        {
            return (new(), $"`last` is one of {string.Join(", ", Offered.Select(static offered => offered.Last))}.");
        }

        var (from, isFrom) = Instant(Given(query, "from"));
        var (to, isTo) = Instant(Given(query, "to"));
        TimeRange range = new() { Last = last, From = from, To = to };
        return isFrom && isTo
            ? from >= to ? (range, "The time range ends before it begins.") : (range, null)
            : (range, "A time is written as 2026-04-28T14:00, in UTC.");
    }

    /// <summary>What an address has to say to mean this range.</summary>
    public IEnumerable<(string Name, string Value)> Parameters()
    {
        if (!IsAbsolute)
        {
            return Last == DefaultLast ? [] : [("last", Last)];
        }

        return new[] { ("from", From), ("to", To) }.Where(static time => time.Item2 is not null).Select(static time => (time.Item1, UtcText.Exact(time.Item2!.Value)));
    }

    /// <summary>The begin of the range as of now; null when it is open.</summary>
    public DateTimeOffset? BeginAt(DateTimeOffset now) =>
        IsAbsolute ? From : Offered.First(offered => offered.Last == Last).Span is { } span ? now - span : null;

    private static string? Given(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } value ? value.Trim() : null;

    private static (DateTimeOffset? Time, bool IsOne) Instant(string? text) =>
        text is null ? (null, true)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            && time.Year is >= 2000 and <= 9000 ? (time, true)
        : (null, false);
}
