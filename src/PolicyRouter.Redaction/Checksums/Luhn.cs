namespace PolicyRouter.Redaction.Checksums;

/// <summary>The modulus 10 "double-add-double" check digit of ISO/IEC 7812-1 annex B.</summary>
internal static class Luhn
{
    /// <summary>True when the last of these ASCII digits is the check digit of the others.</summary>
    public static bool IsValid(ReadOnlySpan<char> digits)
    {
        int sum = 0;
        bool doubles = false;
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            int digit = digits[i] - '0';
            if (doubles)
            {
                digit *= 2;
                digit = digit > 9 ? digit - 9 : digit;
            }

            sum += digit;
            doubles = !doubles;
        }

        return digits.Length > 1 && sum % 10 == 0;
    }
}
