using System.Globalization;
using System.Text;

namespace PolicyRouter.Audit.Reading.Searching;

/// <summary>Reads the terms of a search from left to right.</summary>
internal sealed class SearchReader(string text)
{
    private int _at;

    /// <exception cref="SearchException">The text is no search.</exception>
    public IReadOnlyList<SearchTerm> Terms()
    {
        if (text.Length > Search.LongestText)
        {
            throw new SearchException(string.Create(CultureInfo.InvariantCulture, $"A search has at most {Search.LongestText} characters."));
        }

        List<SearchTerm> terms = [];
        while (SkipSpace())
        {
            if (terms.Count == Search.MostTerms)
            {
                throw new SearchException(string.Create(CultureInfo.InvariantCulture, $"A search has at most {Search.MostTerms} terms."));
            }

            terms.Add(Term());
        }

        return terms;
    }

    public static SearchKey Key(string name)
    {
        if (SearchKey.Named(name) is { } key)
        {
            return key;
        }

        throw new SearchException(SearchKey.Nearest(name) is { } nearest
            ? $"There is no key `{name}`; did you mean `{nearest}`?"
            : $"There is no key `{name}`. Known: {string.Join(", ", SearchKey.All.Select(static known => known.Name))}.");
    }

    private bool SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        return _at < text.Length;
    }

    private SearchTerm Term()
    {
        var start = _at;
        var isNegated = text[_at] == '-';
        _at += isNegated ? 1 : 0;
        var name = Until(static c => c == ':' || char.IsWhiteSpace(c));
        if (_at == text.Length || text[_at] != ':')
        {
            throw new SearchException($"`{text[start.._at]}` is not a term: write key:value, as outcome:deny or app:billing.");
        }

        _at++;
        var key = Key(name);
        return key.Kind is SearchKind.Number or SearchKind.Duration ? NumberTerm(key, isNegated) : TextTerm(key, isNegated);
    }

    private SearchTerm NumberTerm(SearchKey key, bool isNegated)
    {
        var comparison = SearchComparison.Equal;
        if (_at < text.Length && text[_at] is '<' or '>' or '=')
        {
            var sign = text[_at++];
            var orEqual = sign != '=' && _at < text.Length && text[_at] == '=';
            _at += orEqual ? 1 : 0;
            comparison = (sign, orEqual) switch
            {
                ('<', false) => SearchComparison.Less,
                ('<', true) => SearchComparison.AtMost,
                ('>', false) => SearchComparison.More,
                ('>', true) => SearchComparison.AtLeast,
                _ => SearchComparison.Equal,
            };
        }

        var value = Until(char.IsWhiteSpace);
        var number = key.Kind is SearchKind.Duration
            ? SearchDuration.Read(value) ?? throw new SearchException($"`{key.Name}` is a duration: write 250ms, 2s, 5m or 1h, with <, <=, > or >= before it if need be.")
            : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                ? whole
                : throw new SearchException($"`{key.Name}` is a whole number, with <, <=, > or >= before it if need be.");
        return new SearchTerm(key, isNegated) { Comparison = comparison, Number = number };
    }

    private SearchTerm TextTerm(SearchKey key, bool isNegated)
    {
        if (_at < text.Length && text[_at] is '<' or '>' or '=')
        {
            throw new SearchException($"`{key.Name}` is a text and has no more or less; put a value that begins with {text[_at]} in quotes.");
        }

        var isQuoted = _at < text.Length && text[_at] == '"';
        var value = isQuoted ? QuotedText() : Until(static c => char.IsWhiteSpace(c) || c is '"' or '\\' or '*');
        var isPrefix = _at < text.Length && text[_at] == '*';
        _at += isPrefix ? 1 : 0;
        if (_at < text.Length && !char.IsWhiteSpace(text[_at]))
        {
            throw new SearchException(isPrefix
                ? $"The star of `{key.Name}` stands at the end of a value; a star inside it belongs in quotes."
                : $"The value of `{key.Name}` has a quote or backslash inside it: put all of it in quotes, with \\ before each of them.");
        }

        if (value.Length == 0 && !isQuoted && !isPrefix)
        {
            throw new SearchException($"`{key.Name}` has no value; for those that have none write {key.Name}:\"\".");
        }

        if (key.Kind is SearchKind.Id && (isPrefix || !Guid.TryParseExact(value, "D", out _)))
        {
            throw new SearchException("`id` is the whole id of a request, as 0199a000-0000-7000-8000-000000000001.");
        }

        return new SearchTerm(key, isNegated) { Text = value, IsPrefix = isPrefix };
    }

    private string QuotedText()
    {
        StringBuilder value = new();
        for (_at++; _at < text.Length; _at++)
        {
            switch (text[_at])
            {
                case '"':
                    _at++;
                    return value.ToString();
                case '\\' when _at + 1 < text.Length && text[_at + 1] is '"' or '\\':
                    value.Append(text[++_at]);
                    break;
                default:
                    value.Append(text[_at]);
                    break;
            }
        }

        throw new SearchException("A quote is opened and never closed.");
    }

    private string Until(Func<char, bool> isEnd)
    {
        var start = _at;
        while (_at < text.Length && !isEnd(text[_at]))
        {
            _at++;
        }

        return text[start.._at];
    }
}
