using System.Globalization;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Searching;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Control;

/// <summary>Reads the filters of <c>GET /api/decisions</c>. A key that is not known is an error: a filter must not be ignored silently.</summary>
internal static class HistoryQueryReader
{
    private const int MaxValueLength = 256;
    private static readonly string[] Keys = ["from", "to", "class", "app", "route", "deployment", "outcome", "rule", "policy", "text", "cursor", "limit"];

    /// <summary>The query, or one sentence that says what is wrong with it.</summary>
    public static (HistoryQuery? Query, string? Fault) Read(IQueryCollection query)
    {
        HistoryQuery filters = new();
        foreach (var (key, values) in query)
        {
            if (!Keys.Contains(key, StringComparer.Ordinal))
            {
                var nearest = NearestWord.To(key, Keys);
                return (null, nearest is null ? $"A filter is not known. Known: {string.Join(", ", Keys)}." : $"A filter is not known; did you mean `{nearest}`?");
            }

            if (values.Count != 1 || values[0] is not { Length: > 0 } value || value.Length > Longest(key) || value.Any(char.IsControl))
            {
                return (null, $"`{key}` must be given once, with 1 to {Longest(key)} printable characters.");
            }

            if (key == "text")
            {
                try
                {
                    filters = filters with { Search = Search.Parse(value) };
                    continue;
                }
                catch (SearchException fault)
                {
                    return (null, fault.Message);
                }
            }

            if (With(filters, key, value) is not { } more)
            {
                return (null, key == "limit" ? "`limit` is a whole number from 1 to 500." : $"`{key}` is an instant like 2026-04-28T00:00:00Z.");
            }

            filters = more;
        }

        return (filters, null);
    }

    private static int Longest(string key) => key == "text" ? Search.LongestText : MaxValueLength;

    private static HistoryQuery? With(HistoryQuery filters, string key, string value) => key switch
    {
        "from" => Instant(value) is { } from ? filters with { From = from } : null,
        "to" => Instant(value) is { } to ? filters with { To = to } : null,
        "class" => filters with { Class = value },
        "app" => filters with { App = value },
        "route" => filters with { Route = value },
        "deployment" => filters with { Deployment = value },
        "outcome" => filters with { Outcome = value },
        "rule" => filters with { Rule = value },
        "policy" => filters with { Policy = value },
        "cursor" => filters with { Cursor = value },
        _ => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= 500
            ? filters with { Limit = limit }
            : null,
    };

    /// <summary>An instant, UTC unless it has an offset; null when the text is none.</summary>
    internal static DateTimeOffset? Instant(string value) =>
        DateTimeOffset.TryParse(
            value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;
}
