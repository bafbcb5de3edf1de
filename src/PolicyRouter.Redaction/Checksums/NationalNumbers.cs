namespace PolicyRouter.Redaction.Checksums;

/// <summary>Check digits of identity numbers, by the rules their issuers publish. Letters are ASCII capitals, and nothing divides the characters.</summary>
internal static class NationalNumbers
{
    private const string SpanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
    private const string MbiLetters = "ACDEFGHJKMNPQRTUVWXY";

    /// <summary>Spanish DNI (eight digits and a letter) and NIE (X, Y or Z, seven digits and a letter): the letter is the number modulo 23.</summary>
    public static bool IsSpanish(ReadOnlySpan<char> id)
    {
        if (id.Length != 9 || !AllDigits(id[1..8]) || !(char.IsAsciiDigit(id[0]) || id[0] is 'X' or 'Y' or 'Z'))
        {
            return false;
        }

        int number = char.IsAsciiDigit(id[0]) ? id[0] - '0' : id[0] - 'X';
        foreach (char digit in id[1..8])
        {
            number = (number * 10) + digit - '0';
        }

        return SpanishLetters[number % 23] == id[8];
    }

    /// <summary>United Kingdom national insurance number: prefixes that are issued, six digits, A to D.</summary>
    public static bool IsBritish(ReadOnlySpan<char> id) =>
        id.Length == 9 && AllDigits(id[2..8]) && id[8] is >= 'A' and <= 'D' && char.IsAsciiLetterUpper(id[0]) && char.IsAsciiLetterUpper(id[1])
        && id[0] is not ('D' or 'F' or 'I' or 'Q' or 'U' or 'V') && id[1] is not ('D' or 'F' or 'I' or 'O' or 'Q' or 'U' or 'V')
        && id[..2] is not ("BG" or "GB" or "KN" or "NK" or "NT" or "TN" or "ZZ");

    /// <summary>Medicare beneficiary identifier (CMS): eleven characters of fixed kinds, without S, L, O, I, B and Z. It has no check digit.</summary>
    public static bool IsMedicare(ReadOnlySpan<char> id) =>
        id.Length == 11 && id[0] is >= '1' and <= '9' && IsMbiLetter(id[1]) && IsMbiAny(id[2]) && char.IsAsciiDigit(id[3]) && IsMbiLetter(id[4]) && IsMbiAny(id[5])
        && char.IsAsciiDigit(id[6]) && IsMbiLetter(id[7]) && IsMbiLetter(id[8]) && AllDigits(id[9..]);

    /// <summary>Italian codice fiscale: sixteen characters of fixed kinds, the last one a sum modulo 26.</summary>
    public static bool IsItalian(ReadOnlySpan<char> id)
    {
        const string Kinds = "LLLLLLDDLDDLDDDL";
        if (id.Length != Kinds.Length)
        {
            return false;
        }

        // By 0-9 and A-Z, what a character counts for in an odd place.
        ReadOnlySpan<byte> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        int sum = 0;
        for (int i = 0; i < id.Length; i++)
        {
            bool isDigit = char.IsAsciiDigit(id[i]);
            if (isDigit != (Kinds[i] == 'D') || !(isDigit || char.IsAsciiLetterUpper(id[i])))
            {
                return false;
            }

            int value = isDigit ? id[i] - '0' : id[i] - 'A';
            sum += i == id.Length - 1 ? 0 : i % 2 == 0 ? odd[isDigit ? value : 10 + value] : value;
        }

        return sum % 26 == id[15] - 'A';
    }

    /// <summary>Vehicle identification number (49 CFR 565): seventeen characters without I, O and Q, the ninth a sum modulo 11.</summary>
    public static bool IsVehicle(ReadOnlySpan<char> id)
    {
        ReadOnlySpan<byte> weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
        if (id.Length != weights.Length)
        {
            return false;
        }

        // By A to Z; 0 for the letters that do not occur.
        ReadOnlySpan<byte> values = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9];
        int sum = 0;
        for (int i = 0; i < id.Length; i++)
        {
            if (!char.IsAsciiDigit(id[i]) && (!char.IsAsciiLetterUpper(id[i]) || values[id[i] - 'A'] == 0))
            {
                return false;
            }

            sum += weights[i] * (char.IsAsciiDigit(id[i]) ? id[i] - '0' : values[id[i] - 'A']);
        }

        return id[8] == (sum % 11 == 10 ? 'X' : (char)('0' + (sum % 11)));
    }

    /// <summary>Brazilian CPF: eleven digits, not all the same, the last two weighted sums modulo 11.</summary>
    public static bool IsBrazilian(ReadOnlySpan<char> digits) =>
        digits.Length == 11 && digits.IndexOfAnyExcept(digits[0]) >= 0 && CpfDigit(digits[..9]) == digits[9] && CpfDigit(digits[..10]) == digits[10];

    /// <summary>Polish PESEL: a day of birth with the century in the month, and a weighted sum modulo 10.</summary>
    public static bool IsPolish(ReadOnlySpan<char> digits)
    {
        if (digits.Length != 11 || !IsDay(Two(digits[2..]) % 20, Two(digits[4..])))
        {
            return false;
        }

        ReadOnlySpan<byte> weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            sum += weights[i] * (digits[i] - '0');
        }

        return sum % 10 == 0;
    }

    /// <summary>French NIR: thirteen digits that begin with 1 or 2, and a key that makes 97 with them.</summary>
    public static bool IsFrench(ReadOnlySpan<char> digits) =>
        digits.Length == 15 && digits[0] is '1' or '2' && Two(digits[3..]) is >= 1 and <= 12 or >= 20 and <= 42 or >= 50 and <= 99
        && 97 - (long.Parse(digits[..13], System.Globalization.CultureInfo.InvariantCulture) % 97) == Two(digits[13..]);

    /// <summary>Swedish personnummer: a day of birth and a Luhn digit over its ten digits.</summary>
    public static bool IsSwedish(ReadOnlySpan<char> digits) =>
        digits.Length == 10 && IsDay(Two(digits[2..]), Two(digits[4..]) % 60) && Luhn.IsValid(digits);

    /// <summary>Canadian social insurance number: nine digits, the first neither 0 nor 8, with a Luhn digit.</summary>
    public static bool IsCanadian(ReadOnlySpan<char> digits) => digits.Length == 9 && digits[0] is not ('0' or '8') && Luhn.IsValid(digits);

    /// <summary>Indian Aadhaar: twelve digits, the first 2 to 9, with a check digit by Verhoeff's scheme.</summary>
    public static bool IsIndian(ReadOnlySpan<char> digits)
    {
        if (digits.Length != 12 || digits[0] < '2')
        {
            return false;
        }

        int check = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            check = Multiply(check, Permute(digits[^(i + 1)] - '0', i % 8));
        }

        return check == 0;
    }

    /// <summary>The dihedral group of the pentagon.</summary>
    private static int Multiply(int a, int b) => (a, b) switch
    {
        ( < 5, < 5) => (a + b) % 5,
        ( < 5, _) => 5 + ((a + b - 5) % 5),
        (_, < 5) => 5 + ((a - 5 - b + 10) % 5),
        _ => (a - b + 10) % 5,
    };

    private static int Permute(int digit, int times)
    {
        ReadOnlySpan<byte> once = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        for (int i = 0; i < times; i++)
        {
            digit = once[digit];
        }

        return digit;
    }

    private static char CpfDigit(ReadOnlySpan<char> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            sum += (digits.Length + 1 - i) * (digits[i] - '0');
        }

        return sum % 11 < 2 ? '0' : (char)('0' + 11 - (sum % 11));
    }

    private static bool IsDay(int month, int day) => month is >= 1 and <= 12 && day is >= 1 and <= 31;

    private static int Two(ReadOnlySpan<char> digits) => ((digits[0] - '0') * 10) + digits[1] - '0';

    private static bool AllDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool IsMbiLetter(char c) => MbiLetters.Contains(c, StringComparison.Ordinal);

    private static bool IsMbiAny(char c) => char.IsAsciiDigit(c) || IsMbiLetter(c);
}
