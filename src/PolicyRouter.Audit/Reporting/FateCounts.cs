namespace PolicyRouter.Audit.Reporting;

/// <summary>Requests counted by what became of them.</summary>
public sealed class FateCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<RequestFate>().Length];

    public long this[RequestFate fate] => _counts[(int)fate];

    public long Total => _counts.Sum();

    public long Answered => this[RequestFate.Answered];

    /// <summary>Lost to the caller although the policy permitted somebody.</summary>
    public long Lost => this[RequestFate.Unserved] + this[RequestFate.HandedOff] + this[RequestFate.Broken] + this[RequestFate.Unknown];

    /// <summary>Share of the answered among those that count, 0 to 1; null when none counts.</summary>
    public double? Availability => Answered + Lost is > 0 and var counted ? Answered / (double)counted : null;

    /// <summary>Share of the error budget that is used up: 1 is all of it; null when no request counts.</summary>
    /// <param name="target">Share that must be answered, above 0 and below 1.</param>
    public double? BudgetUsed(double target) => Answered + Lost is > 0 and var counted ? Lost / (counted * (1 - target)) : null;

    /// <summary>True when at least the share <paramref name="target"/> was answered, or nothing counts.</summary>
    public bool Meets(double target) => Availability is not { } availability || availability >= target;

    internal void Add(RequestFate fate) => _counts[(int)fate]++;

    internal static bool IsLost(RequestFate fate) => fate is RequestFate.Unserved or RequestFate.HandedOff or RequestFate.Broken or RequestFate.Unknown;
}
