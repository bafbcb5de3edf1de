using System.Numerics;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>Tells data that no text can be read from by how it begins, and its base64 from words, paths and identifiers.</summary>
internal static class PackedData
{
    /// <summary>Bytes of the longest signature.</summary>
    public const int SignatureLength = 8;

    // A letter stands in a run of four of its case in 3 of 20 places of random base64, in more than half of those of words.
    private const int WordRun = 4;

    // Of the 64; data of any kind has more, a line of dashes or a repeated word fewer.
    private const int FewestCharacters = 16;

    /// <summary>The first bytes of gzip, zip, bzip2, xz, Zstandard, LZ4, 7z, RAR and PDF files and of OLE documents (.doc, .xls, .msg).</summary>
    public static bool HasSignature(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]) || bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("BZh"u8)
        || bytes.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']) || bytes.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
        || bytes.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]) || bytes.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C])
        || bytes.StartsWith("Rar!\u001A\u0007"u8) || bytes.StartsWith("%PDF-"u8)
        || bytes.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);

    /// <summary>True when values of base64 characters (RFC 4648, table 1) are mixed as those of data are, and not as those of paths, slugs and identifiers.</summary>
    public static bool IsMixedAsData(ReadOnlySpan<byte> symbols)
    {
        int upper = 0;
        int lower = 0;
        int inWords = 0;
        int run = 0;
        ulong seen = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            byte symbol = symbols[i];
            seen |= 1UL << symbol;
            upper += IsUpper(symbol) ? 1 : 0;
            lower += IsLower(symbol) ? 1 : 0;
            bool goesOn = i > 0 && symbol != symbols[i - 1] && ((IsUpper(symbol) && IsUpper(symbols[i - 1])) || (IsLower(symbol) && IsLower(symbols[i - 1])));
            run = goesOn ? run + 1 : 1;
            inWords += run == WordRun ? WordRun : run > WordRun ? 1 : 0;
        }

        return upper >= symbols.Length / 8 && lower >= symbols.Length / 32 && inWords <= symbols.Length * 2 / 5 && BitOperations.PopCount(seen) >= FewestCharacters;
    }

    private static bool IsUpper(byte symbol) => symbol < 26;

    private static bool IsLower(byte symbol) => symbol is >= 26 and < 52;
}
