using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>What denies when all its rules fire: a forbid that blocks, or two duties that cannot both be met.</summary>
internal sealed class Blocker
{
    private Blocker(CompiledRule[] rules, string name, bool isAbsolute)
    {
        Rules = rules;
        Name = name;
        IsAbsolute = isAbsolute;
    }

    public CompiledRule[] Rules { get; }
    public string Name { get; }

    /// <summary>False when a break-glass token may switch it off.</summary>
    public bool IsAbsolute { get; }

    public bool IsForbid => Rules[0].Rule.Effect is Effect.Forbid;

    public static Blocker Of(CompiledRule forbid) => new([forbid], forbid.Rule.Id, forbid.Rule.Strength is Strength.Absolute);

    /// <summary>Every pair of these duties of which one keeps records for longer than the other lets them be kept.</summary>
    public static IEnumerable<Blocker> Contradictions(IReadOnlyList<CompiledRule> requires) =>
        from keeps in requires
        from limits in requires
        where Duties.Contradict(keeps.Firing!.KeepYears, limits.Firing!.RetentionDays)
        select new Blocker([keeps, limits], $"{keeps.Rule.Id} and {limits.Rule.Id}", isAbsolute: true);

    public bool Meets(ulong classes)
    {
        foreach (var rule in Rules)
        {
            if (!rule.Meets(classes))
            {
                return false;
            }
        }

        return true;
    }
}
