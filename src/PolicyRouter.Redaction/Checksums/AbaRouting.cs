namespace PolicyRouter.Redaction.Checksums;

/// <summary>The check digit of a US bank routing number (American Bankers Association): weights 3, 7, 1, sum divisible by 10.</summary>
internal static class AbaRouting
{
    /// <summary>True for nine ASCII digits with a Federal Reserve prefix in use and a right check digit.</summary>
    public static bool IsValid(ReadOnlySpan<char> digits)
    {
        if (digits.Length != 9)
        {
            return false;
        }

        int district = ((digits[0] - '0') * 10) + digits[1] - '0';
        if (district is not (<= 12 or >= 21 and <= 32 or >= 61 and <= 72 or 80) || digits[..4] is "0000")
        {
            return false;
        }

        int sum = 0;
        for (int i = 0; i < 9; i++)
        {
            int weight = (i % 3) switch { 0 => 3, 1 => 7, _ => 1 };
            sum += weight * (digits[i] - '0');
        }

        return sum % 10 == 0;
    }
}
