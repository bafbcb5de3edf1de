namespace PolicyRouter.Redaction.Checksums;

/// <summary>
/// Which nine digits can be a US Social Security number (SSA, randomised issue since 25 June 2011) or an individual taxpayer
/// number (IRS). Neither has a check digit.
/// </summary>
internal static class SocialSecurity
{
    public static bool IsIssuable(int area, int group, int serial) =>
        group != 0 && serial != 0 && (area is > 0 and < 900 and not 666 || IsTaxpayerNumber(area, group));

    private static bool IsTaxpayerNumber(int area, int group) =>
        area >= 900 && group is >= 50 and <= 65 or >= 70 and <= 88 or >= 90 and <= 92 or >= 94 and <= 99;
}
