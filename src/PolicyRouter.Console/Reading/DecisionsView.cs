using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Searching;

namespace PolicyRouter.WebConsole.Reading;

/// <summary>Everything the decisions page shows, as its address says it: the same address is the same view.</summary>
internal sealed record DecisionsView
{
    public const int DefaultLimit = 50;

    // Fields of the form that add one term each to the search.
    private static readonly string[] Fields = ["class", "app", "route", "deployment", "outcome", "rule"];

    public static IReadOnlyList<int> Limits { get; } = [25, DefaultLimit, 100, 200];

    /// <summary>The search as it was typed, good or not.</summary>
    public string Text { get; init; } = "";

    /// <summary>What is asked; everything when the text is no search.</summary>
    public Search Search { get; init; } = Search.Everything;
    public TimeRange Range { get; init; } = new();
    public string? Cursor { get; init; }
    public string? NewerThan { get; init; }
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Looks through everything, though it takes long.</summary>
    public bool IsThorough { get; init; }

    /// <summary>What is wrong with the address; null when it is good.</summary>
    public string? Fault { get; init; }

    public static DecisionsView Read(IQueryCollection query)
    {
        var (range, rangeFault) = TimeRange.Read(query);
        var text = query["text"].ToString();
        DecisionsView view = new()
        {
            Text = text,
            Range = range,
            Fault = rangeFault,
            Cursor = Given(query, "cursor"),
            NewerThan = Given(query, "newer"),
            IsThorough = Given(query, "thorough") == "true",
            Limit = int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && Limits.Contains(limit) ? limit : DefaultLimit,
        };
        try
        {
            var search = Search.Parse(text);
            foreach (var field in Fields)
            {
                search = Given(query, field) is { } value ? search.With(field, value) : search;
            }

            return view with { Search = search, Text = search.ToString() };
        }
        catch (SearchException fault)
        {
            return view with { Fault = fault.Message };
        }
    }

    public HistoryQuery Query(DateTimeOffset now) => new()
    {
        Search = Search, From = Range.BeginAt(now), To = Range.To, Cursor = Cursor, NewerThan = NewerThan, Limit = Limit,
    };

    /// <summary>The view for the record of who read what.</summary>
    public string Asked() => $"console: {(Text.Length > 0 ? Text : "everything")}; {Range.Words}{(Cursor is null && NewerThan is null ? "" : "; a further page")}";

    /// <summary>The first page of the same question.</summary>
    public DecisionsView FirstPage() => this with { Cursor = null, NewerThan = null };

    public DecisionsView With(Search search) => FirstPage() with { IsThorough = false, Search = search, Text = search.ToString() };

    public DecisionsView With(TimeRange range) => FirstPage() with { Range = range };

    /// <summary>The address without its path: <c>?text=...</c>, or nothing.</summary>
    public string QueryString()
    {
        List<KeyValuePair<string, string?>> parameters = [.. Range.Parameters().Select(static pair => KeyValuePair.Create(pair.Name, (string?)pair.Value))];
        Add("text", Text.Length > 0 ? Text : null);
        Add("limit", Limit == DefaultLimit ? null : Limit.ToString(CultureInfo.InvariantCulture));
        Add("cursor", Cursor);
        Add("newer", NewerThan);
        Add("thorough", IsThorough ? "true" : null);
        return QueryHelpers.AddQueryString("", parameters);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                parameters.Add(KeyValuePair.Create(name, (string?)value));
            }
        }
    }

    public string Link() => "/" + QueryString();

    private static string? Given(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } value ? value.Trim() : null;
}
