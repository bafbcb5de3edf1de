using System.Numerics;
using System.Runtime.Intrinsics;

namespace PolicyRouter.Policies.Deciding;

/// <summary>A set of up to 256 deployments, by their place in ordinal id order. A value: combining two allocates nothing.</summary>
internal readonly record struct DeploymentSet
{
    /// <summary>The most deployments one policy may have.</summary>
    public const int Capacity = 256;

    private readonly Vector256<ulong> _bits;

    private DeploymentSet(Vector256<ulong> bits) => _bits = bits;

    public static DeploymentSet None => default;
    public static DeploymentSet All => new(Vector256<ulong>.AllBitsSet);

    public bool IsEmpty => _bits == Vector256<ulong>.Zero;

    public static DeploymentSet Where(int count, Func<int, bool> holds)
    {
        Span<ulong> words = stackalloc ulong[4];
        words.Clear();
        for (var i = 0; i < count; i++)
        {
            if (holds(i))
            {
                words[i >> 6] |= 1UL << (i & 63);
            }
        }

        return new(Vector256.Create<ulong>(words));
    }

    public static DeploymentSet Only(int index) => new(Vector256<ulong>.Zero.WithElement(index >> 6, 1UL << (index & 63)));

    public static DeploymentSet First(int count) => Where(count, static _ => true);

    /// <summary>How many deployments are in it.</summary>
    public int Count => BitOperations.PopCount(_bits[0]) + BitOperations.PopCount(_bits[1]) + BitOperations.PopCount(_bits[2]) + BitOperations.PopCount(_bits[3]);

    public bool Contains(int index) => ((_bits[index >> 6] >> (index & 63)) & 1) != 0;

    /// <summary>The smallest member that is at least <paramref name="from"/>, or -1.</summary>
    public int Next(int from)
    {
        for (var word = from >> 6; word < 4; word++)
        {
            var rest = _bits[word];
            if (word == from >> 6)
            {
                rest &= ulong.MaxValue << (from & 63);
            }

            if (rest != 0)
            {
                return (word << 6) + BitOperations.TrailingZeroCount(rest);
            }
        }

        return -1;
    }

    public DeploymentSet Except(DeploymentSet other) => new(Vector256.AndNot(_bits, other._bits));

    public static DeploymentSet operator &(DeploymentSet left, DeploymentSet right) => new(left._bits & right._bits);

    public static DeploymentSet operator |(DeploymentSet left, DeploymentSet right) => new(left._bits | right._bits);
}
