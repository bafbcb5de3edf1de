using System.Buffers;
using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Full names without a label, by dictionary: a capitalised given name and a family name ("Angela M. Kreiger", "JOHN SMITH"), or the other way round with a comma
/// ("Kreiger, Angela"). A name of one word, and one whose given name is not in the list, is not found here.
/// </summary>
internal static class FullNameDetector
{
    private const int LongestWord = 24;

    private static readonly SearchValues<char> Capitals = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Searches the whole text.</summary>
    public static void Detect(ref ScanContext context)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = 0;
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(Capitals);
            if (found < 0)
            {
                return;
            }

            int start = at + found;
            int end = NameWords.End(text, start, LongestWord);
            int name = context.StartsWord(start) && end - start >= 2 ? Name(ref context, start, end) : start;
            at = Math.Max(name, Math.Max(end, start + 1));
        }
    }

    /// <summary>Where a name that begins with this word ends; its start when it is none.</summary>
    private static int Name(ref ScanContext context, int start, int end)
    {
        ReadOnlySpan<char> text = context.Text;
        ReadOnlySpan<char> first = text[start..end];
        if (end + 2 < text.Length && text[end] == ',' && text[end + 1] == ' ' && NameLists.IsFamily(first))
        {
            int given = NameWords.End(text, end + 2, LongestWord);
            return char.IsAsciiLetterUpper(text[end + 2]) && NameLists.IsGiven(text[(end + 2)..given]) && IsWhole(context, given)
                ? Add(ref context, start, Initial(text, given), Confidence.Medium)
                : start;
        }

        if (end >= text.Length || text[end] != ' ' || !NameLists.IsGivenOrWord(first))
        {
            return start;
        }

        int family = end + 1;
        int initial = Initial(text, end);
        family = initial > end && initial < text.Length && text[initial] == ' ' ? initial + 1 : family;
        int last = NameWords.End(text, family, LongestWord);
        if (last - family < 2 || !char.IsUpper(text[family]) || !IsWhole(context, last))
        {
            return start;
        }

        // "Maria Elena Lopez": a second given name before the family name.
        ReadOnlySpan<char> name = text[family..last];
        if (last < text.Length && text[last] == ' ' && NameLists.IsGiven(name))
        {
            int third = NameWords.End(text, last + 1, LongestWord);
            if (third - last > 2 && char.IsUpper(text[last + 1]) && NameLists.MayBeFamily(text[(last + 1)..third]) && IsWhole(context, third))
            {
                last = third;
            }
        }

        bool isAllCapitals = first.IndexOfAnyExceptInRange('A', 'Z') < 0;
        bool isName = NameLists.IsGiven(first)
            ? NameLists.IsFamily(name) || (!isAllCapitals && NameLists.MayBeFamily(name) && IsMixedCase(name))
            : NameLists.IsFamilyOnly(name);
        return isName ? Add(ref context, start, last, NameLists.IsGiven(first) ? Confidence.Medium : Confidence.Low) : start;
    }

    private static int Add(ref ScanContext context, int start, int end, Confidence confidence)
    {
        context.Add(start, end, FindingType.PersonName, confidence);
        return end;
    }

    /// <summary>" M." or " M" behind a name.</summary>
    private static int Initial(ReadOnlySpan<char> text, int end)
    {
        if (end + 2 > text.Length - 1 || text[end] != ' ' || !char.IsAsciiLetterUpper(text[end + 1]))
        {
            return end;
        }

        return text[end + 2] switch { '.' => end + 3, ' ' => end + 2, _ => end };
    }

    /// <summary>"McDonald", "O'Neil", "Smith-Jones", but neither an acronym nor an identifier.</summary>
    private static bool IsMixedCase(ReadOnlySpan<char> word)
    {
        foreach (char c in word)
        {
            if (char.IsLower(c))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWhole(in ScanContext context, int end) => context.EndsWord(end) && context.At(end) is not ('@' or '/' or '\\');
}
