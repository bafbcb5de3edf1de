using System.Globalization;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Control;

/// <summary>Reads the filters of <c>GET /api/usage</c> and <c>GET /api/disclosures</c>. As in history, a key that is not known is an error.</summary>
internal sealed class SumQueryReader
{
    private const int MaxValueLength = 256;
    private const int LongestCursor = 4_000;
    private static readonly string[] UsageKeys = ["from", "to", "app", "route", "deployment", "cursor", "limit"];
    private static readonly string[] DisclosureKeys = ["from", "to", "app", "class", "deployment", "provider", "cursor", "limit"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private DateOnly _from;
    private DateOnly _to;
    private int _limit = 500;

    private SumQueryReader()
    {
    }

    /// <summary>The provider asked for; null for all.</summary>
    public string? Provider => Value("provider");

    /// <returns>A reader of checked values, or one sentence that says what is wrong.</returns>
    public static (SumQueryReader? Query, string? Fault) Usage(IQueryCollection query) => Read(query, UsageKeys);

    /// <inheritdoc cref="Usage"/>
    public static (SumQueryReader? Query, string? Fault) Disclosures(IQueryCollection query) => Read(query, DisclosureKeys);

    public UsageQuery ToUsage(string? tenant) => new(_from, _to)
    {
        Tenant = tenant, App = Value("app"), Route = Value("route"), Deployment = Value("deployment"), Cursor = Value("cursor"), Limit = _limit,
    };

    /// <param name="ofProvider">The deployments of the provider asked for; null when none was.</param>
    public DisclosureQuery ToDisclosures(string? tenant, IReadOnlyList<string>? ofProvider) => new(_from, _to)
    {
        Tenant = tenant,
        App = Value("app"),
        Class = Value("class"),
        Deployments = Value("deployment") is { } one ? [.. (ofProvider ?? [one]).Where(id => id == one)] : ofProvider,
        Cursor = Value("cursor"),
        Limit = _limit,
    };

    private static (SumQueryReader? Query, string? Fault) Read(IQueryCollection query, string[] keys)
    {
        SumQueryReader read = new();
        foreach (var (key, values) in query)
        {
            if (!keys.Contains(key, StringComparer.Ordinal))
            {
                var nearest = NearestWord.To(key, keys);
                return (null, nearest is null ? $"A filter is not known. Known: {string.Join(", ", keys)}." : $"A filter is not known; did you mean `{nearest}`?");
            }

            var longest = key == "cursor" ? LongestCursor : MaxValueLength;
            if (values.Count != 1 || values[0] is not { Length: > 0 } value || value.Length > longest || value.Any(char.IsControl))
            {
                return (null, $"`{key}` must be given once, with 1 to {longest} printable characters.");
            }

            read._values[key] = value;
        }

        return !TryDay(read.Value("from"), out read._from) || !TryDay(read.Value("to"), out read._to) || read._to <= read._from
            ? (null, "`from` and `to` are days like 2026-04-28, in UTC; `to` is the day after the last.")
            : read.Value("limit") is { } limit && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out read._limit) && read._limit is >= 1 and <= 500)
                ? (null, "`limit` is a whole number from 1 to 500.")
                : (read, null);
    }

    private static bool TryDay(string? text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    private string? Value(string key) => _values.GetValueOrDefault(key);
}
