using System.Globalization;
using System.Runtime.CompilerServices;

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

    // Latin Extended Additional from U+1E00, as runs: a letter and how many code points in a row have it.
    private static readonly string Additional = Runs(
        "a2 b6 c2 d10 e10 f2 g2 h10 i4 k6 l8 m6 n8 o8 p4 r8 s10 t8 u10 v4 w10 x4 y2 z6 h1 t1 w1 y1 a1 s4 d1 a24 e16 i4 o24 u14 y8 l2 v2 y2");

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Next(ulong hash, char c) => (hash ^ Fold(c)) * Prime;

    /// <summary>The character in lower case and without an accent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static char Fold(char c) => c < 0x80 ? (c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c) : FoldBeyondAscii(c);

    private static char FoldBeyondAscii(char c) =>
        c is >= '\u00C0' and <= '\u017F' ? Bases[c - '\u00C0']
        : c is >= '\u1E00' and <= '\u1EFF' ? Additional[c - '\u1E00']
        : c switch
        {
            '\u2019' => '\'',
            '\u01A0' or '\u01A1' => 'o',
            '\u01AF' or '\u01B0' => 'u',
            '\u0218' or '\u0219' => 's',
            '\u021A' or '\u021B' => 't',
            _ => char.ToLowerInvariant(c),
        };

    private static string Runs(string runs) => string.Concat(runs.Split(' ').Select(static run => new string(run[0], int.Parse(run.AsSpan(1), CultureInfo.InvariantCulture))));
}
