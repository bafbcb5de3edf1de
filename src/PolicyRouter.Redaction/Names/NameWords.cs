using System.Collections.Frozen;

namespace PolicyRouter.Redaction.Names;

/// <summary>Words that say something about a name: titles before it, particles in it, and capitalised words that are none.</summary>
internal static class NameWords
{
    /// <summary>The lists of names of people.</summary>
    public const WordLists OfPeople = WordLists.Given | WordLists.Family | WordLists.OtherGiven | WordLists.OtherFamily;

    private const string ParticleWords = "de la van von der den del di da dos bin al el le st y";

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Particles = WordSet.Of(ParticleWords);
    private static readonly FrozenSet<uint> ParticleHashes = ParticleWords.Split(' ').Select(static word => Token.HashOf(word)).ToFrozenSet();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Titles = WordSet.Of("mr mrs ms miss dr prof sir rev herr herrn herren frau damen");

    // What stands behind "Patient:" or "Patient" in forms and headings without being anybody.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> NoNames = WordSet.Of(
        "the this that unknown none null not see patient patients name id date dob mrn ssn phone email address age male female no yes is was has " +
        "presents presented denies reports history please call complains room bed unit and or with for in on to from of a an it he she they his her " +
        "account card number order summary plan assessment discharge admission status education portal care record records information safety chart " +
        "medical true false string required dear hi hello thanks redacted health protection rights advocate services financial experience access " +
        "registration satisfaction monitoring navigator transport centered instructions notes data intake demographics outcomes handout transfer consent");

    public static bool IsParticle(ReadOnlySpan<char> word) => Particles.Contains(word);

    /// <summary>In lower case among words that are not all so, in no list of names and no "de" or "van": no part of a name.</summary>
    public static bool IsOrdinary(in Token token) =>
        token is { Shape: TokenShape.LowerCase, Line: not LineCase.LowerCase } && (token.Lists & OfPeople) == 0 && !ParticleHashes.Contains(token.Word);

    public static bool IsTitle(ReadOnlySpan<char> word) => Titles.Contains(word);

    /// <summary>Where a word of a name ends: letters with inner apostrophes and hyphens (O'Neil, Smith-Jones), without a possessive.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the word begins.</param>
    /// <param name="longest">So many characters at most.</param>
    public static int End(ReadOnlySpan<char> text, int start, int longest)
    {
        int end = start;
        while (end < text.Length && end - start < longest
            && (char.IsLetter(text[end])
                || (end > start && text[end] is '\'' or '-' or '\u2019' && end + 1 < text.Length && char.IsLetter(text[end + 1]))))
        {
            end++;
        }

        return end - start > 2 && text[end - 2] is '\'' or '\u2019' && text[end - 1] == 's' ? end - 2 : end;
    }

    public static bool IsNoName(ReadOnlySpan<char> word) => NoNames.Contains(word);
}
