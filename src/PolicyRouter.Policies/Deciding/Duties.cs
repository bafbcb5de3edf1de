using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>One <c>require</c> rule that fires for one deployment.</summary>
public sealed record FiringDuty(string Rule, string? Redact, string? Audit, int? KeepYears, string? Approval, int? RetentionDays);

/// <summary>
/// The union of the duties that fire for one deployment: redaction profiles and approvals add up, retention takes the
/// minimum, audit and keeping take the maximum.
/// </summary>
public sealed class Duties
{
    internal Duties(FiringDuty[] firing)
    {
        Firing = firing;
        foreach (var duty in firing)
        {
            KeepYears = duty.KeepYears is { } years && !(KeepYears >= years) ? years : KeepYears;
            RetentionDays = duty.RetentionDays is { } days && !(RetentionDays <= days) ? days : RetentionDays;
        }
    }

    public static Duties None { get; } = new([]);

    /// <summary>In ordinal order of the rules, after what a lowering asks for.</summary>
    public IReadOnlyList<FiringDuty> Firing { get; }

    /// <summary>Redaction profiles, each once, in ordinal order.</summary>
    public IReadOnlyList<string> RedactionProfiles => field ??= Each(static duty => duty.Redact);

    /// <summary>Roles whose approval is asked for, each once, in ordinal order.</summary>
    public IReadOnlyList<string> Approvals => field ??= Each(static duty => duty.Approval);

    /// <summary>The fullest audit level asked for; null when none is.</summary>
    public string? Audit => Firing.Select(static d => d.Audit).OfType<string>().MaxBy(static level => Array.IndexOf(Duty.AuditLevels, level));

    /// <summary>Years the record must be kept at least; null when no rule says.</summary>
    public int? KeepYears { get; }

    /// <summary>Days the record may be kept at most; null when no rule says.</summary>
    public int? RetentionDays { get; }

    /// <summary>Why the duties cannot all be met, in one sentence; null when they can.</summary>
    internal string? Contradiction => Contradict(KeepYears, RetentionDays) ? $"Records must be kept {KeepYears} years and may be kept {RetentionDays} days only." : null;

    /// <summary>
    /// True when what must be kept for so many years may not be kept for so many days. It must fit whatever day it begins on, so that the answer is the
    /// same on every day.
    /// </summary>
    internal static bool Contradict(int? keepYears, int? retentionDays) => keepYears is { } years && retentionDays is { } days && days < DaysOf(years);

    /// <summary>The days of so many years with as many leap days as they can have: six years are 2,191 or 2,192 days.</summary>
    internal static int DaysOf(int years) => years * 365 + (years + 3) / 4;

    private string[] Each(Func<FiringDuty, string?> word) => [.. Firing.Select(word).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
