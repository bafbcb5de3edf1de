using System.Collections.Frozen;
using PolicyRouter.Redaction.Checksums;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Numbers and codes of which nothing says what they are, but which are long enough to be somebody's: seven digits or more in one piece, twelve or more in groups of four, or
/// capital letters with six digits or more. Of low confidence: "any other unique identifying number, characteristic, or code" (45 CFR 164.514(b)(2)(i)(R)). What stands beside them may
/// explain them: an amount, a unit, a version, a standard.
/// </summary>
internal static class BareNumberDetector
{
    private const int MinDigits = 7;
    private const int MaxLength = 30;
    private const int MinDigitsInGroups = 12;
    private const int GroupLength = 4;
    private const int MinDigitsOfCode = 6;
    private const int MaxCode = 16;
    private const string ProviderPrefix = "80840";

    // What is counted and not somebody's, behind a number.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Units = WordSet.Of(
        "bytes byte kb mb gb bits ms us ns seconds s min hours days years users people persons patients employees records rows lines units shares dollars dollar euros euro usd eur gbp chf jpy "
        + "tokens items copies km m kg mg ml g per percent times calls requests cells iu million billion inhabitants followers views downloads votes barrels tons tonnes");

    // Standards and catalogues that number their own things.
    private static readonly string[] Catalogues = ["CVE", "RFC", "ISO", "IEC", "KB", "NCT", "PMID", "PMC", "DOI", "ISBN", "ISSN", "HCPCS", "LOINC", "FIPS", "NIST", "IEEE", "UTC", "SHA", "MD", "GMT", "EN", "DIN", "CAS", "UNII"];

    // Last words of keys that say what their number is, and that it is nobody's; all other keys ("id", "value", "identifier") leave that open.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Explaining = WordSet.Of(
        "seed count counts counter len length size sizes port width height depth stride timestamp ts time date epoch exp iat nbf created updated expires duration latency elapsed timeout ttl "
        + "interval delay offset limit max min maximum minimum total sum amount price cost balance revenue budget income salary turnover profit quantity qty volume capacity population rate "
        + "ratio bytes kb mb ms us ns sec secs seconds minutes hours days bits rows columns lines tokens pages page index build version year month memory heap mask flags hash checksum crc "
        + "modulus prime threshold weight score frequency hz baud color colour at");

    /// <summary>Looks at a token that has no label. What stands under a key such as "seed" or "count" is what the key says.</summary>
    public static void Detect(ref ScanContext context, Range token)
    {
        int start = token.Start.Value;
        int end = token.End.Value;
        if (end - start is < MinDigits or > MaxLength || !context.StartsWord(start) || !context.EndsWord(end) || context.HasJustFoundIn(start, end) || IsKeyed(context, start, end))
        {
            return;
        }

        ReadOnlySpan<char> text = context.Text;
        ReadOnlySpan<char> value = text[start..end];
        int digits = 0;
        int capitals = 0;
        foreach (char c in value)
        {
            digits += char.IsAsciiDigit(c) ? 1 : 0;
            capitals += char.IsAsciiLetterUpper(c) ? 1 : 0;
        }

        bool isNumber = digits == value.Length && digits >= MinDigits && !IsRound(value);
        bool isCode = capitals > 0 && digits >= MinDigitsOfCode && value.Length <= MaxCode && digits + capitals == value.Length && !IsOfCatalogue(value);
        bool isGrouped = digits >= MinDigitsInGroups && IsInGroups(value);
        if ((isNumber || isCode || isGrouped) && !IsExplained(text, start, end))
        {
            context.Add(start, end, FindingType.OtherIdentifier, Confidence.Low);
        }
    }

    /// <summary>Under a key that explains it: <c>{"seed":1234567890}</c>, <c>Content-Length: 1234567</c>; or assigned to a name of one letter, as in a formula.</summary>
    private static bool IsKeyed(in ScanContext context, int start, int end)
    {
        ReadOnlySpan<char> before = context.Text[..start].TrimEnd(" \"'\\");
        if (before is [.., ':' or '='])
        {
            ReadOnlySpan<char> name = LastWord(before.TrimEnd(" \"'\\:="));
            return Explaining.Contains(name) || (before[^1] == '=' && name.Length == 1);
        }

        return start == 0 && end == context.Text.Length && Explaining.Contains(LastWord(context.Key));
    }

    /// <summary>"size" of "file_size", "fileSize" and "FILE-SIZE".</summary>
    private static ReadOnlySpan<char> LastWord(ReadOnlySpan<char> text)
    {
        int start = text.Length;
        while (start > 0 && text.Length - start < MaxLength && char.IsAsciiLetter(text[start - 1]) && !(start < text.Length && char.IsAsciiLetterUpper(text[start]) && char.IsAsciiLetterLower(text[start - 1])))
        {
            start--;
        }

        return text[start..];
    }

    // "10000000" is a count, "20240115" a date or a time stamp of one, "1700000000" and "1700000000000" seconds and milliseconds since 1970 (2020 to 2033).
    private static bool IsRound(ReadOnlySpan<char> value) =>
        value.EndsWith("00000", StringComparison.Ordinal) || (value.Length is 10 or 13 && value[0] == '1' && value[1] is >= '6' and <= '9' && !IsProvider(value)) || IsCalendar(value);

    private static bool IsCalendar(ReadOnlySpan<char> value) =>
        value.Length is 8 or 12 or 14 && value[..2] is "19" or "20" && Pair(value, 4) is >= 1 and <= 12 && Pair(value, 6) is >= 1 and <= 31
        && (value.Length == 8 || (Pair(value, 8) < 24 && Pair(value, 10) < 60));

    private static int Pair(ReadOnlySpan<char> digits, int at) => ((digits[at] - '0') * 10) + digits[at + 1] - '0';

    /// <summary>A national provider identifier (45 CFR 162.406): ten digits with a right check digit behind the issuer's prefix 80840. So is one time stamp in ten, which then is taken for one.</summary>
    private static bool IsProvider(ReadOnlySpan<char> value)
    {
        Span<char> digits = stackalloc char[ProviderPrefix.Length + 10];
        if (value.Length != 10)
        {
            return false;
        }

        ProviderPrefix.CopyTo(digits);
        value.CopyTo(digits[ProviderPrefix.Length..]);
        return Luhn.IsValid(digits);
    }

    /// <summary>"6011-6253-9381-9292-5002".</summary>
    private static bool IsInGroups(ReadOnlySpan<char> value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            if (i % (GroupLength + 1) == GroupLength ? value[i] != '-' : !char.IsAsciiDigit(value[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOfCatalogue(ReadOnlySpan<char> value)
    {
        foreach (string catalogue in Catalogues)
        {
            if (value.StartsWith(catalogue, StringComparison.Ordinal) && value[catalogue.Length..].IndexOfAnyExceptInRange('0', '9') < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A currency, a point or a thousands separator before it; a decimal, a percent sign or a unit behind it; a catalogue's name before it.</summary>
    private static bool IsExplained(ReadOnlySpan<char> text, int start, int end)
    {
        char before = start > 0 ? text[start - 1] : '\0';
        char before2 = start > 1 ? text[start - 2] : '\0';
        if (before is '$' or '€' or '£' or '¥' or '.' or ',' or '%' or '@' or '+' or '/' or '-' || (before == ' ' && before2 is '$' or '€' or '£' or '¥'))
        {
            return true;
        }

        char after = end < text.Length ? text[end] : '\0';
        char after2 = end + 1 < text.Length ? text[end + 1] : '\0';
        if (after is '%' or '$' or '€' or '£' || (after is '.' or ',' or '-' && char.IsAsciiDigit(after2)))
        {
            return true;
        }

        return HasUnit(text, end) || IsCatalogueBefore(text[..start]);
    }

    /// <summary>True when a unit or the name of something counted stands behind the number that ends here, after a space.</summary>
    public static bool HasUnit(ReadOnlySpan<char> text, int end)
    {
        int word = end + 1;
        int wordEnd = word;
        while (wordEnd < text.Length && wordEnd - word < 12 && char.IsLetter(text[wordEnd]))
        {
            wordEnd++;
        }

        return wordEnd > word && text[end] == ' ' && Units.Contains(text[word..wordEnd]);
    }

    private static bool IsCatalogueBefore(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd(" :#-");
        foreach (string catalogue in Catalogues)
        {
            if (before.EndsWith(catalogue, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
