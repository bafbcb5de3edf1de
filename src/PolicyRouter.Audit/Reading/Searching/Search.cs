namespace PolicyRouter.Audit.Reading.Searching;

/// <summary>
/// What auditors type to find requests: terms with spaces between them, all of which must hold, as
/// <c>outcome:deny -app:billing class:phi deployment:azure-* latency:&gt;2s route:"front desk"</c>.
/// </summary>
/// <remarks>Values never become SQL: they reach the database as parameters.</remarks>
public sealed class Search : IEquatable<Search>
{
    /// <summary>Characters that a search may have at most.</summary>
    public const int LongestText = 2_000;

    /// <summary>Terms that a search may have at most.</summary>
    public const int MostTerms = 40;

    private readonly SearchTerm[] _terms;

    internal Search(IEnumerable<SearchTerm> terms) => _terms = [.. terms];

    /// <summary>Finds every request.</summary>
    public static Search Everything { get; } = new([]);

    /// <summary>Every name that a term may have, and what it finds, in ordinal order.</summary>
    public static IReadOnlyList<(string Name, string About)> Names { get; } = [.. SearchKey.All.Select(static key => (key.Name, key.About))];

    public IReadOnlyList<SearchTerm> Terms => _terms;

    /// <exception cref="SearchException">The text is no search; nothing else is thrown, whatever the text.</exception>
    public static Search Parse(string text) => new(new SearchReader(text).Terms());

    /// <summary>With one more term: exactly this text, or for numbers what is compared with, as <c>&gt;2s</c>.</summary>
    /// <exception cref="SearchException">There is no such name, it does not take such a value, or there are too many terms.</exception>
    public Search With(string name, string value)
    {
        var key = SearchReader.Key(name);
        return Parse($"{this} {(key.Kind is SearchKind.Number or SearchKind.Duration ? $"{name}:{value}" : new SearchTerm(key, isNegated: false) { Text = value }.ToString())}");
    }

    /// <summary>Without one of its terms.</summary>
    public Search Without(SearchTerm term) => new(_terms.Where(other => other != term));

    /// <summary>The search as it is typed; read again it is this search.</summary>
    public override string ToString() => string.Join(' ', (IEnumerable<SearchTerm>)_terms);

    public bool Equals(Search? other) => other is not null && _terms.SequenceEqual(other._terms);

    public override bool Equals(object? obj) => Equals(obj as Search);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
