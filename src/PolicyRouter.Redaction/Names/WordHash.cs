namespace PolicyRouter.Redaction.Names;

/// <summary>A hash of a word that is the same whatever its case and accents ("José", "JOSE"), on every machine and in every version.</summary>
internal static class WordHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    // The base letters of Latin-1 and Latin Extended-A in lower case, from U+00C0 to U+017F.
    private const string Bases =
        "aaaaaaaceeeeiiiidnooooo\u00D7ouuuuyts" + "aaaaaaaceeeeiiiidnooooo\u00F7ouuuuyty"
        + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrsssssssstttttt"
        + "uuuuuuuuuuuuwwyyyzzzzzzs";

    /// <summary>FNV-1a (64 bits) of the folded characters.</summary>
    public static ulong Of(ReadOnlySpan<char> word)
    {
        ulong hash = Offset;
        foreach (char c in word)
        {
            hash = Next(hash, c);
        }

        return hash;
    }

    private static ulong Next(ulong hash, char c) => (hash ^ Fold(c)) * Prime;

    /// <summary>The character in lower case and without an accent.</summary>
    public static char Fold(char c) =>
        c < 0x80 ? (c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c)
        : c is >= '\u00C0' and <= '\u017F' ? Bases[c - '\u00C0']
        : c == '\u2019' ? '\''
        : char.ToLowerInvariant(c);
}
