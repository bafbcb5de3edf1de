using System.Text;
using PolicyRouter.Audit.Reading.Searching;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>What people type to search history. Nothing but <see cref="SearchException"/> is thrown; a search that is written is the search that is read.</summary>
internal static class SearchTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var allocation = Allocation.Begin();
        Search search;
        try
        {
            search = Search.Parse(text);
        }
        catch (SearchException)
        {
            return;
        }

        allocation.End(input.Length, fixedBytes: 262_144);
        BrokenPromiseException.ThrowUnless(search.Terms.Count <= Search.MostTerms, "a search has few terms");
        var written = search.ToString();
        if (written.Length <= Search.LongestText)
        {
            BrokenPromiseException.ThrowUnless(Search.Parse(written).Equals(search), "a search that is written is the search that is read");
        }
    }
}
