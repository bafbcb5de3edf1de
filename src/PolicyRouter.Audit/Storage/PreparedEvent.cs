using System.Security.Cryptography;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Storage;

/// <summary>An event with the bytes that will be stored.</summary>
internal sealed record PreparedEvent(AuditEvent Entry, byte[] Bytes)
{
    public static PreparedEvent From(AuditEvent entry) => new(entry, CanonicalJson.Write(entry));

    /// <summary>Leaf hash of RFC 6962, section 2.1: SHA-256 of a zero byte and the entry.</summary>
    public void HashLeaf(Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(Bytes);
        hash.GetHashAndReset(destination);
    }
}
