using System.Collections.Frozen;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>Words that say something about a name: titles before it, particles in it, and capitalised words that are none.</summary>
internal static class NameWords
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Particles =
        Lookup("de la van von der den del di da dos bin al el le st y");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Titles = Lookup("mr mrs ms miss dr prof sir rev");

    // What stands behind "Patient:" or "Patient" in forms and headings without being anybody.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> NoNames = Lookup(
        "the this that unknown none null not see patient patients name id date dob mrn ssn phone email address age male female no yes is was has " +
        "presents presented denies reports history please call complains room bed unit and or with for in on to from of a an it he she they his her " +
        "account card number order summary plan assessment discharge admission status education portal care record records information safety chart " +
        "medical true false string required dear hi hello thanks redacted health protection rights advocate services financial experience access " +
        "registration satisfaction monitoring navigator transport centered instructions notes data intake demographics outcomes handout transfer consent");

    public static bool IsParticle(ReadOnlySpan<char> word) => Particles.Contains(word);

    public static bool IsTitle(ReadOnlySpan<char> word) => Titles.Contains(word);

    public static bool IsNoName(ReadOnlySpan<char> word) => NoNames.Contains(word);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup(string words) =>
        words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
