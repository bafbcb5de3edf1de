using CsCheck;
using PolicyRouter.Audit.Reading.Searching;

namespace PolicyRouter.Audit.Tests.Reading;

public class SearchTests
{
    // Pieces that searches are made of, so that what is generated comes near to one, and characters of any kind.
    private static readonly Gen<string> AnyText = Gen.OneOf(
        Any(
                "outcome:deny", "-", "app", ":", "latency:>", "2s", "1.5h", "\"", "\\", "*", " ", "\t", "\u00a0", "\0", "\ud800", "<=", ">", "=", "class:phi", "tokens:", "9", "ms", "-app:", "id:",
                "0199a000-0000-7000-8000-000000000001", "status:>=500", "tenant:\"\"", "deployment:azure-*")
            .Array[0, 12].Select(static pieces => string.Concat(pieces)),
        Gen.Char.Array[0, 30].Select(static characters => new string(characters)),
        Gen.String[0, 3_000]);

    private static readonly Gen<SearchTerm> AnyTerm = Gen.Select(
            Gen.Int[0, SearchKey.All.Count - 1], Gen.Bool, Gen.Bool, Gen.Char.Array[0, 8], Any(Enum.GetValues<SearchComparison>()), Gen.Long[0, 9_000_000_000], Gen.Guid)
        .Select(static (key, isNegated, isPrefix, text, comparison, number, id) => SearchKey.All[key].Kind switch
        {
            SearchKind.Number or SearchKind.Duration => new SearchTerm(SearchKey.All[key], isNegated) { Comparison = comparison, Number = number },
            SearchKind.Id => new SearchTerm(SearchKey.All[key], isNegated) { Text = id.ToString() },
            _ => new SearchTerm(SearchKey.All[key], isNegated) { Text = new string(text), IsPrefix = isPrefix },
        });

    [Theory]
    [InlineData("outcome:deny -app:billing class:phi rule:F-HIPAA-BAA deployment:azure-* latency:>2s", "outcome:deny -app:billing class:phi rule:F-HIPAA-BAA deployment:azure-* latency:>2s")]
    [InlineData("  app:\"front desk\"\t\n status:>=500 ", "app:\"front desk\" status:>=500")]
    [InlineData("app:\"plain\" tenant:\"\" answered:*", "app:plain tenant:\"\" answered:*")]
    [InlineData("app:\"a \\\"b\\\" c:\\\\d\"*", "app:\"a \\\"b\\\" c:\\\\d\"*")]
    [InlineData("latency:<=1.5s latency:>90000ms -latency:3600000ms tokens:=12", "latency:<=1500ms latency:>90s -latency:1h tokens:12")]
    [InlineData("app:\"2*2\" policy:sha256:4f*", "app:\"2*2\" policy:sha256:4f*")]
    [InlineData("", "")]
    public void Search_IsReadAndPrinted(string typed, string printed) => Assert.Equal(printed, Search.Parse(typed).ToString());

    [Theory]
    [InlineData("outcom:deny", "There is no key `outcom`; did you mean `outcome`?")]
    [InlineData("deploy:azure", "There is no key `deploy`; did you mean `deployment`?")]
    [InlineData("Class:phi", "did you mean `class`?")]
    [InlineData("qwertyuiop:1", "There is no key `qwertyuiop`. Known: answered, app, ")]
    [InlineData("phi", "`phi` is not a term: write key:value")]
    [InlineData("app:", "`app` has no value; for those that have none write app:\"\".")]
    [InlineData("app:>3", "`app` is a text and has no more or less")]
    [InlineData("app:a*b", "a star inside it belongs in quotes")]
    [InlineData("app:a\"b", "has a quote or backslash inside it")]
    [InlineData("app:\"a", "A quote is opened and never closed.")]
    [InlineData("latency:>2", "`latency` is a duration")]
    [InlineData("latency:>0.0001s", "`latency` is a duration")]
    [InlineData("tokens:many", "`tokens` is a whole number")]
    [InlineData("status:5*", "`status` is a whole number")]
    [InlineData("id:4711", "`id` is the whole id of a request")]
    public void WhatIsNoSearch_IsExplained(string typed, string expected) =>
        Assert.Contains(expected, Assert.Throws<SearchException>(() => Search.Parse(typed)).Message, StringComparison.Ordinal);

    [Fact]
    public void AnyText_IsASearchThatPrintsAsItself_OrIsRefusedInOurOwnWords() => AnyText.Sample(static text =>
    {
        Search search;
        try
        {
            search = Search.Parse(text);
        }
        catch (SearchException refused)
        {
            return refused.Message.Length > 0;
        }

        return search.Equals(Search.Parse(search.ToString()));
    }, iter: 20_000);

    [Fact]
    public void AnySearch_PrintedAndReadAgain_IsTheSame() => AnyTerm.Array[0, 6].Sample(static terms =>
    {
        Search search = new(terms);
        return search.Equals(Search.Parse(search.ToString()));
    }, iter: 20_000);

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void Terms_AreAddedAndTakenAway()
    {
        var search = Search.Everything.With("app", "a \"b*\"").With("latency", ">2s");

        Assert.Equal("app:\"a \\\"b*\\\"\" latency:>2s", search.ToString());
        Assert.Equal("latency:>2s", search.Without(search.Terms[0]).ToString());
        Assert.Throws<SearchException>(() => search.With("nothing", "x"));
        Assert.Throws<SearchException>(() => Search.Parse(string.Join(' ', Enumerable.Repeat("app:a", Search.MostTerms + 1))));
    }
}
