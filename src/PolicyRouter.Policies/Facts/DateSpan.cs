namespace PolicyRouter.Policies.Facts;

/// <summary>Whole days in the registry's legal time zone, both ends included; no end means until further notice.</summary>
internal readonly record struct DateSpan(DateOnly From, DateOnly? Until)
{
    public bool Contains(DateOnly day) => day >= From && (Until is not { } until || day <= until);

    /// <summary>The days on which the answer of <see cref="Contains"/> changes.</summary>
    public IEnumerable<DateOnly> Edges()
    {
        yield return From;
        if (Until is { } until && until < DateOnly.MaxValue)
        {
            yield return until.AddDays(1);
        }
    }
}
