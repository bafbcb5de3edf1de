using System.Globalization;
using System.Text;

namespace PolicyRouter.Audit.Reading.Searching;

/// <summary>How a number of a request compares with the number of a term.</summary>
public enum SearchComparison
{
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// <summary>One condition of a search: <c>-app:billing</c>, <c>deployment:azure-*</c>, <c>latency:&gt;2s</c>.</summary>
public sealed record SearchTerm
{
    internal SearchTerm(SearchKey key, bool isNegated)
    {
        Key = key;
        IsNegated = isNegated;
    }

    /// <summary>The name before the colon.</summary>
    public string Name => Key.Name;

    /// <summary>True for a term with a minus before it: the requests for which the rest does not hold.</summary>
    public bool IsNegated { get; }

    /// <summary>The text that is looked for; empty for numbers.</summary>
    public string Text { get; internal init; } = "";

    /// <summary>True when <see cref="Text"/> need only begin the value: it was followed by <c>*</c>.</summary>
    public bool IsPrefix { get; internal init; }

    public SearchComparison Comparison { get; internal init; }

    /// <summary>The number that is compared with, milliseconds for durations; 0 for texts.</summary>
    public long Number { get; internal init; }

    internal SearchKey Key { get; }

    /// <summary>The term as it is typed; read again it is this term.</summary>
    public override string ToString() => $"{(IsNegated ? "-" : "")}{Name}:{Key.Kind switch
    {
        SearchKind.Number => Sign + Number.ToString(CultureInfo.InvariantCulture),
        SearchKind.Duration => Sign + SearchDuration.Print(Number),
        _ => Quoted(Text) + (IsPrefix ? "*" : ""),
    }}";

    private string Sign => Comparison switch
    {
        SearchComparison.Less => "<",
        SearchComparison.AtMost => "<=",
        SearchComparison.More => ">",
        SearchComparison.AtLeast => ">=",
        _ => "",
    };

    private string Quoted(string text)
    {
        // An empty beginning needs no quotes: the star alone says it.
        if (text.Length == 0 ? IsPrefix : !text.Any(static c => char.IsWhiteSpace(c) || c is '"' or '\\' or '*') && text[0] is not ('<' or '>' or '='))
        {
            return text;
        }

        StringBuilder quoted = new("\"", text.Length + 2);
        foreach (var c in text)
        {
            quoted.Append(c is '"' or '\\' ? $"\\{c}" : c);
        }

        return quoted.Append('"').ToString();
    }
}
