namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// What may be told of a ZIP code of the United States: its first three digits, or 000 where all codes that begin with them have 20,000 inhabitants or fewer
/// (45 CFR 164.514(b)(2)(i)(B)).
/// </summary>
internal static class ZipCode
{
    private const int Length = 5;
    private const int Told = 3;

    // From the census of 2000, as the Department of Health and Human Services lists them in its guidance on de-identification of 26 November 2012.
    private static readonly string[] SmallAreas =
        ["036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890", "893"];

    /// <summary>The three digits for the ZIP code that ends a text ("Springfield, IL 62704-1234"); null when none does.</summary>
    public static string? Prefix(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> rest = text.TrimEnd();
        if (rest.Length > Length && rest[^Length] == '-' && rest[^(Length - 1)..].IndexOfAnyExceptInRange('0', '9') < 0)
        {
            rest = rest[..^Length];
        }

        if (rest.Length < Length || rest[^Length..].IndexOfAnyExceptInRange('0', '9') >= 0 || (rest.Length > Length && char.IsAsciiDigit(rest[^(Length + 1)])))
        {
            return null;
        }

        string prefix = rest[^Length..][..Told].ToString();
        return Array.IndexOf(SmallAreas, prefix) >= 0 ? "000" : prefix;
    }
}
