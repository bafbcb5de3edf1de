using System.Collections.Frozen;

namespace PolicyRouter.Redaction.Checksums;

/// <summary>International bank account numbers (ISO 13616): a fixed length per country and a remainder of 1 modulo 97.</summary>
internal static class Iban
{
    public const int MinLength = 15;
    public const int MaxLength = 34;

    // Lengths from the IBAN registry, "CC" + length.
    private static readonly FrozenDictionary<int, int> Lengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 " +
        "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 " +
        "LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 " +
        "SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30")
        .Split(' ')
        .ToFrozenDictionary(static e => Country(e[0], e[1]), static e => int.Parse(e.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Characters an IBAN of the country has, or 0 when the country has none. Letters in either case.</summary>
    public static int LengthOf(char first, char second) => Lengths.GetValueOrDefault(Country(first, second));

    /// <summary>True for ASCII letters and digits, without separators, that are as long as their country asks and leave 1 modulo 97.</summary>
    public static bool IsValid(ReadOnlySpan<char> compact)
    {
        if (compact.Length < MinLength || LengthOf(compact[0], compact[1]) != compact.Length)
        {
            return false;
        }

        int remainder = 0;
        for (int i = 0; i < compact.Length; i++)
        {
            // The first four characters count last.
            char c = compact[(i + 4) % compact.Length];
            remainder = char.IsAsciiDigit(c)
                ? ((remainder * 10) + c - '0') % 97
                : ((remainder * 100) + char.ToUpperInvariant(c) - 'A' + 10) % 97;
        }

        return remainder == 1;
    }

    private static int Country(char first, char second) => (char.ToUpperInvariant(first) << 8) | char.ToUpperInvariant(second);
}
