using System.Numerics;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// A Merkle tree (RFC 6962) that grows by leaves and knows its root, in the space of its right edge: the roots of the full subtrees
/// that its size is the sum of, largest first. A tree of a million leaves is at most 20 hashes.
/// </summary>
internal sealed class MerkleStack
{
    private const int MostSubtrees = 63;

    private byte[] _hashes = new byte[8 * TreeHash.Size];
    private int _count;

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <exception cref="FormatException">These are not the subtrees of a tree of this size.</exception>
    public static MerkleStack FromBytes(long size, ReadOnlySpan<byte> hashes)
    {
        if (size < 0 || hashes.Length != BitOperations.PopCount((ulong)size) * TreeHash.Size)
        {
            throw new FormatException("The hashes are not the right edge of a tree of this size.");
        }

        MerkleStack stack = new() { Size = size, _count = hashes.Length / TreeHash.Size, _hashes = new byte[Math.Max(8 * TreeHash.Size, hashes.Length)] };
        hashes.CopyTo(stack._hashes);
        return stack;
    }

    public MerkleStack Copy() => FromBytes(Size, ToBytes());

    /// <summary>The subtrees' hashes one after the other.</summary>
    public ReadOnlySpan<byte> ToBytes() => _hashes.AsSpan(0, _count * TreeHash.Size);

    public void Append(ReadOnlySpan<byte> leafHash)
    {
        if (_hashes.Length == _count * TreeHash.Size)
        {
            Array.Resize(ref _hashes, Math.Min(MostSubtrees, _count * 2) * TreeHash.Size);
        }

        leafHash.CopyTo(At(_count++));
        for (var full = Size; (full & 1) == 1; full >>= 1)
        {
            _count--;
            TreeHash.Node(At(_count - 1), At(_count), At(_count - 1));
        }

        Size++;
    }

    /// <summary>Appends leaves whose hashes lie one after the other.</summary>
    public void AppendAll(ReadOnlySpan<byte> leafHashes)
    {
        for (; leafHashes.Length > 0; leafHashes = leafHashes[TreeHash.Size..])
        {
            Append(leafHashes[..TreeHash.Size]);
        }
    }

    /// <summary>The tree's root hash.</summary>
    public byte[] Root()
    {
        if (_count == 0)
        {
            return [.. TreeHash.OfNothing];
        }

        var root = At(_count - 1).ToArray();
        for (var i = _count - 2; i >= 0; i--)
        {
            TreeHash.Node(At(i), root, root);
        }

        return root;
    }

    private Span<byte> At(int subtree) => _hashes.AsSpan(subtree * TreeHash.Size, TreeHash.Size);
}
