using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>Where every rule fires in one situation: situations with equal keys are decided alike.</summary>
internal sealed class SetKey : IEquatable<SetKey>
{
    private readonly int _hash;

    public SetKey(DeploymentSet[] sets)
    {
        Sets = sets;
        HashCode hash = default;
        foreach (var set in sets)
        {
            hash.Add(set);
        }

        _hash = hash.ToHashCode();
    }

    public DeploymentSet[] Sets { get; }

    public bool Equals(SetKey? other) => other is not null && _hash == other._hash && Sets.AsSpan().SequenceEqual(other.Sets);

    public override bool Equals(object? obj) => Equals(obj as SetKey);

    public override int GetHashCode() => _hash;
}
