using System.Security.Cryptography;
using System.Text;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// The key behind pseudonyms and behind what stays the same over a conversation. Both are derived from one secret (HKDF, RFC 5869), so that neither tells
/// anything about the other or about the secret.
/// </summary>
public sealed class RedactionKey
{
    /// <summary>Least length of the secret in bytes.</summary>
    public const int LeastBytes = 32;

    private const int DerivedBytes = 32;
    private readonly byte[] _pseudonyms;
    private readonly byte[] _conversations;

    /// <param name="id">Stands in every pseudonym, so that keys can be changed and pseudonyms of different keys told apart.</param>
    /// <param name="secret">At least 32 bytes.</param>
    /// <exception cref="ArgumentException">The secret is too short.</exception>
    public RedactionKey(string id, ReadOnlySpan<byte> secret)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (secret.Length < LeastBytes)
        {
            throw new ArgumentException($"A redaction key has at least {LeastBytes} bytes.", nameof(secret));
        }

        Id = id;
        _pseudonyms = Derived(secret, "policyrouter/redaction/pseudonyms/v1"u8);
        _conversations = Derived(secret, "policyrouter/redaction/conversations/v1"u8);
    }

    public string Id { get; }

    /// <summary>A key that nobody else has and that is gone with the process.</summary>
    public static RedactionKey NewRandom(string id) => new(id, RandomNumberGenerator.GetBytes(LeastBytes));

    /// <summary>What is the same in all requests of a conversation.</summary>
    /// <param name="scope">Whose conversation and which: two conversations must never have the same.</param>
    public Conversation Conversation(string scope)
    {
        ArgumentException.ThrowIfNullOrEmpty(scope);
        return new Conversation(HMACSHA256.HashData(_conversations, Encoding.UTF8.GetBytes(scope)));
    }

    /// <summary>The keyed hash of a value of a kind, cut to the length of the destination.</summary>
    internal void Hash(string kind, ReadOnlySpan<char> value, Span<byte> destination) => KeyedHash.Of(_pseudonyms, kind, value, destination);

    public override string ToString() => $"{nameof(RedactionKey)} {Id}";

    private static byte[] Derived(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> purpose)
    {
        byte[] derived = new byte[DerivedBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, derived, salt: [], purpose);
        return derived;
    }
}

/// <summary>HMAC-SHA-256 (RFC 2104) of short texts.</summary>
internal static class KeyedHash
{
    /// <summary>The hash of a kind and a value, cut to the length of the destination.</summary>
    public static void Of(ReadOnlySpan<byte> key, string kind, ReadOnlySpan<char> value, Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes(kind));
        hash.AppendData([0]);
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        int count = Encoding.UTF8.GetBytes(value, bytes);
        hash.AppendData(bytes, 0, count);
        CryptographicOperations.ZeroMemory(bytes);
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        hash.GetHashAndReset(whole);
        whole[..destination.Length].CopyTo(destination);
    }
}
