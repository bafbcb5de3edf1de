using System.Security.Cryptography;

namespace PolicyRouter.Audit.Tests.Sealing;

/// <summary>The definitions of RFC 6962, section 2.1, word for word, recursive and slow: what the product's tree is compared with.</summary>
internal static class NaiveTree
{
    public static byte[] Root(IReadOnlyList<byte[]> entries) => entries.Count switch
    {
        0 => SHA256.HashData([]),
        1 => SHA256.HashData([0x00, .. entries[0]]),
        var n => SHA256.HashData([0x01, .. Root(Part(entries, 0, K(n))), .. Root(Part(entries, K(n), n))]),
    };

    public static List<byte[]> Path(int m, IReadOnlyList<byte[]> entries)
    {
        if (entries.Count == 1)
        {
            return [];
        }

        var (n, k) = (entries.Count, K(entries.Count));
        return m < k
            ? [.. Path(m, Part(entries, 0, k)), Root(Part(entries, k, n))]
            : [.. Path(m - k, Part(entries, k, n)), Root(Part(entries, 0, k))];
    }

    public static List<byte[]> Proof(int m, IReadOnlyList<byte[]> entries) => m == 0 ? [] : SubProof(m, entries, true);

    private static List<byte[]> SubProof(int m, IReadOnlyList<byte[]> entries, bool isKnown)
    {
        var (n, k) = (entries.Count, entries.Count > 1 ? K(entries.Count) : 0);
        return m == n
            ? isKnown ? [] : [Root(entries)]
            : m <= k
                ? [.. SubProof(m, Part(entries, 0, k), isKnown), Root(Part(entries, k, n))]
                : [.. SubProof(m - k, Part(entries, k, n), false), Root(Part(entries, 0, k))];
    }

    private static int K(int n)
    {
        var k = 1;
        while (k * 2 < n)
        {
            k *= 2;
        }

        return k;
    }

    private static List<byte[]> Part(IReadOnlyList<byte[]> entries, int from, int to) => [.. entries.Skip(from).Take(to - from)];
}
