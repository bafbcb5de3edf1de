using CsCheck;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Tests.Sealing;

public sealed class MerkleTests
{
    private const int MostLeaves = 70;

    // The eight entries and the hashes over them with which implementations of Certificate Transparency test themselves.
    private static readonly byte[][] KnownEntries =
        [.. ((string[])["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]).Select(Convert.FromHexString)];

    private static readonly Gen<byte[][]> Entries = Gen.Byte.Array[0, 6].Array[1, MostLeaves];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void KnownEntries_HaveTheKnownRoot(int size, string root) =>
        Assert.Equal(root, Convert.ToHexStringLower(StackOf(KnownEntries.Take(size)).Root()));

    [Fact]
    public void KnownProofs_AreMade_AndHold()
    {
        var inclusion = ProofOf(KnownEntries, LeafRange.OfInclusion(0, 8));
        Assert.Equal(
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
            inclusion.Select(Convert.ToHexStringLower));

        var consistency = ProofOf(KnownEntries, LeafRange.OfConsistency(6, 8));
        Assert.Equal(
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
            consistency.Select(Convert.ToHexStringLower));
        Assert.True(MerkleProof.IsConsistent(6, 8, consistency, StackOf(KnownEntries.Take(6)).Root(), StackOf(KnownEntries).Root()));
    }

    [Fact]
    public void AnyEntries_GiveTheRootAndTheProofsOfTheDefinition() =>
        Gen.Select(Entries, Gen.Int[0, MostLeaves], Gen.Int[0, MostLeaves]).Sample(static (entries, index, first) =>
        {
            index %= entries.Length;
            first %= entries.Length + 1;
            var root = NaiveTree.Root(entries);
            Assert.Equal(root, StackOf(entries).Root());

            var inclusion = ProofOf(entries, LeafRange.OfInclusion(index, entries.Length));
            Assert.Equal(NaiveTree.Path(index, entries), inclusion);
            Assert.True(MerkleProof.IsIncluded(TreeHash.Leaf(entries[index]), index, entries.Length, inclusion, root));

            var consistency = ProofOf(entries, LeafRange.OfConsistency(first, entries.Length));
            Assert.Equal(NaiveTree.Proof(first, entries), consistency);
            Assert.True(MerkleProof.IsConsistent(first, entries.Length, consistency, NaiveTree.Root([.. entries.Take(first)]), root));
        });

    [Fact]
    public void StackOfAnyBeginning_GoesOnToTheSameTree() =>
        Gen.Select(Entries, Gen.Int[0, MostLeaves]).Sample(static (entries, cut) =>
        {
            cut %= entries.Length + 1;
            var beginning = StackOf(entries.Take(cut));
            var read = MerkleStack.FromBytes(cut, beginning.ToBytes());
            foreach (var entry in entries.Skip(cut))
            {
                read.Append(TreeHash.Leaf(entry));
            }

            Assert.Equal(NaiveTree.Root(entries), read.Root());
            Assert.Equal(NaiveTree.Root([.. entries.Take(cut)]), beginning.Root());
        });

    [Fact]
    public void AChangedProof_DoesNotHold() =>
        Gen.Select(Entries.Where(static entries => entries.Length > 1), Gen.Int[0, MostLeaves], Gen.Int[0, 1_000], Gen.Int[0, 255], Gen.Int[0, 5])
            .Sample(static (entries, index, at, bit, how) =>
            {
                index %= entries.Length;
                var root = NaiveTree.Root(entries);
                var leaf = TreeHash.Leaf(entries[index]);
                List<byte[]> proof = [.. ProofOf(entries, LeafRange.OfInclusion(index, entries.Length)).Select(static hash => (byte[])hash.Clone())];
                var (wrongIndex, wrongSize) = ((long)index, (long)entries.Length);
                switch (how)
                {
                    case 0:
                        proof[at % proof.Count][bit / 8] ^= (byte)(1 << (bit % 8));
                        break;
                    case 1:
                        proof.RemoveAt(at % proof.Count);
                        break;
                    case 2:
                        proof.Add(proof[at % proof.Count]);
                        break;
                    case 3:
                        leaf[bit / 8] ^= (byte)(1 << (bit % 8));
                        break;
                    case 4:
                        wrongIndex = entries.Length;
                        break;
                    default:
                        root[bit / 8] ^= (byte)(1 << (bit % 8));
                        break;
                }

                Assert.False(MerkleProof.IsIncluded(leaf, wrongIndex, wrongSize, proof, root));
            });

    [Fact]
    public void AChangedHistory_IsNotConsistent() =>
        Gen.Select(Entries.Where(static entries => entries.Length > 2), Gen.Int[1, MostLeaves], Gen.Int[0, MostLeaves]).Sample(static (entries, first, changed) =>
        {
            first = 1 + (first % (entries.Length - 1));
            changed %= first;
            var before = NaiveTree.Root([.. entries.Take(first)]);
            byte[][] other = [.. entries];
            other[changed] = [.. other[changed], 1];

            var proof = ProofOf(other, LeafRange.OfConsistency(first, other.Length));
            Assert.False(MerkleProof.IsConsistent(first, other.Length, proof, before, NaiveTree.Root(other)));
        });

    [Theory]
    [InlineData(3, 64)]
    [InlineData(3, 0)]
    [InlineData(-1, 0)]
    public void HashesOfAnotherNumber_AreNoStack(long size, int bytes) =>
        Assert.Throws<FormatException>(() => MerkleStack.FromBytes(size, new byte[bytes == 64 ? 65 : bytes]));

    private static MerkleStack StackOf(IEnumerable<byte[]> entries)
    {
        MerkleStack stack = new();
        foreach (var entry in entries)
        {
            stack.Append(TreeHash.Leaf(entry));
        }

        return stack;
    }

    private static byte[][] ProofOf(byte[][] entries, IReadOnlyList<LeafRange> ranges)
    {
        SubtreeHashes hashes = new(ranges);
        for (var i = 0; i < entries.Length; i++)
        {
            hashes.Add(i, TreeHash.Leaf(entries[i]));
        }

        return hashes.Finish();
    }
}
