using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>What the rules see of a value. Two values with equal signatures are one choice.</summary>
internal sealed class Signature(ulong[] outcomes, DeploymentSet[] sets) : IEquatable<Signature>
{
    private readonly ulong[] _outcomes = outcomes;
    private readonly DeploymentSet[] _sets = sets;

    public bool Equals(Signature? other) =>
        other is not null && _outcomes.AsSpan().SequenceEqual(other._outcomes) && _sets.AsSpan().SequenceEqual(other._sets);

    public override bool Equals(object? obj) => Equals(obj as Signature);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (var outcome in _outcomes)
        {
            hash.Add(outcome);
        }

        foreach (var set in _sets)
        {
            hash.Add(set);
        }

        return hash.ToHashCode();
    }
}
