namespace PolicyRouter.Policies.Facts;

/// <summary>Who checked the facts of a deployment against what, and when. Facts change without notice, so that old evidence is none.</summary>
/// <param name="CheckedOn">The first day the facts may be relied on.</param>
/// <param name="By">A person or a role.</param>
/// <param name="Source">What was looked at: a contract, a trust portal, a settings page.</param>
public sealed record Evidence(DateOnly CheckedOn, string By, string Source)
{
    /// <summary>The age in days up to which evidence counts.</summary>
    public const int ValidDays = 180;

    /// <summary>To the last day that there is at most: a file may name any day.</summary>
    internal DateSpan Valid => new(CheckedOn, DateOnly.FromDayNumber(Math.Min(CheckedOn.DayNumber + ValidDays, DateOnly.MaxValue.DayNumber)));

    internal bool HoldsOn(DateOnly day) => Valid.Contains(day);
}
