using System.Numerics;

namespace PolicyRouter.Policies.Deciding;

/// <summary>
/// Finds the rules that data of some classes can meet. Most rules are about one class, so that most of a large policy is never looked at.
/// </summary>
internal sealed class RulesByClass
{
    private readonly CompiledRule[] _rules;

    // One bit per rule: those that ask for no class, and per class those whose first question about classes it answers.
    private readonly ulong[] _always;
    private readonly ulong[][] _ofClass;

    public RulesByClass(CompiledRule[] rules)
    {
        _rules = rules;
        _always = Bits(static rule => rule.ClassTests.Length == 0);
        _ofClass = [.. Enumerable.Range(0, WordBits.Capacity + 1).Select(c => Bits(rule => rule.ClassTests.Length > 0 && (rule.ClassTests[0] >> c & 1) != 0))];
    }

    /// <summary>Every rule that fires for somebody, in the order of the rules.</summary>
    /// <param name="request">The facts.</param>
    /// <param name="papers">The papers that cover them.</param>
    /// <param name="among">Only these deployments count.</param>
    /// <param name="fired">Has room for all rules.</param>
    /// <returns>How many fire.</returns>
    public int Fire(in RequestBits request, in PaperMasks papers, DeploymentSet among, Span<FiredRule> fired)
    {
        var count = 0;
        for (var word = 0; word < _always.Length; word++)
        {
            var candidates = _always[word];
            for (var rest = request.Classes; rest != 0; rest &= rest - 1)
            {
                candidates |= _ofClass[BitOperations.TrailingZeroCount(rest)][word];
            }

            for (; candidates != 0; candidates &= candidates - 1)
            {
                var index = (word << 6) + BitOperations.TrailingZeroCount(candidates);
                var fires = _rules[index].Fires(request, papers) & among;
                if (!fires.IsEmpty)
                {
                    fired[count++] = new(index, fires);
                }
            }
        }

        return count;
    }

    private ulong[] Bits(Func<CompiledRule, bool> holds)
    {
        var bits = new ulong[(_rules.Length + 63) >> 6];
        for (var i = 0; i < _rules.Length; i++)
        {
            bits[i >> 6] |= holds(_rules[i]) ? 1UL << (i & 63) : 0;
        }

        return bits;
    }
}

/// <summary>A rule that fires, by its place, and for which deployments.</summary>
internal readonly record struct FiredRule(int Index, DeploymentSet Deployments);
