namespace PolicyRouter.Redaction.Checksums;

/// <summary>Issuer identification ranges and lengths of the card schemes (ISO/IEC 7812; the schemes' public BIN tables).</summary>
internal static class CardNumber
{
    public const int MinLength = 13;
    public const int MaxLength = 19;

    /// <summary>True for ASCII digits that start like a scheme's cards, are as long as them, and pass Luhn.</summary>
    public static bool IsValid(ReadOnlySpan<char> digits) => HasKnownIssuer(digits) && Luhn.IsValid(digits);

    /// <summary>True when the first digits belong to a scheme that issues cards of this length.</summary>
    public static bool HasKnownIssuer(ReadOnlySpan<char> digits)
    {
        if (digits.Length is < MinLength or > MaxLength)
        {
            return false;
        }

        int first4 = int.Parse(digits[..4], System.Globalization.CultureInfo.InvariantCulture);
        int first3 = first4 / 10;
        int first2 = first4 / 100;
        return digits.Length switch
        {
            13 => first2 / 10 == 4 || IsMaestro(first4),
            14 => IsDiners(first3, first2) || IsMaestro(first4),
            15 => first2 is 34 or 37 || IsDiners(first3, first2) || IsMaestro(first4),
            16 => first2 / 10 == 4 || first2 is >= 51 and <= 55 || first4 is >= 2221 and <= 2720 || first4 is >= 2200 and <= 2204
                || IsLong(first4, first3, first2),
            19 => first2 / 10 == 4 || IsLong(first4, first3, first2),
            _ => IsLong(first4, first3, first2),
        };
    }

    // Discover, JCB, UnionPay, Diners and Maestro issue 16 to 19 digits.
    private static bool IsLong(int first4, int first3, int first2) =>
        first4 == 6011 || first3 is >= 644 and <= 649 || first2 is 65 or 62 || first4 is >= 3528 and <= 3589
        || IsDiners(first3, first2) || IsMaestro(first4);

    private static bool IsDiners(int first3, int first2) => first3 is >= 300 and <= 305 or 309 || first2 is 36 or 38 or 39;

    private static bool IsMaestro(int first4) => first4 is 5018 or 5020 or 5038 or 5893 or 6304 or 6759 or >= 6761 and <= 6763;
}
