using System.Security.Cryptography;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// Keyed hashes of bodies (HMAC-SHA-256, RFC 2104), so that the log can tell whether two bodies were the same without
/// holding either. Keyed because short prompts can be guessed.
/// </summary>
public sealed class PromptHasher
{
    private readonly byte[] _key;

    /// <param name="keyId">Names the key in every hash, so that keys can be rotated.</param>
    /// <param name="key">At least 32 bytes.</param>
    /// <exception cref="ArgumentException">The key is too short, or the id holds a colon.</exception>
    public PromptHasher(string keyId, ReadOnlySpan<byte> key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(keyId);
        if (key.Length < 32)
        {
            throw new ArgumentException("A prompt hash key has at least 32 bytes.", nameof(key));
        }

        if (keyId.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException("A key id holds no colon.", nameof(keyId));
        }

        KeyId = keyId;
        _key = key.ToArray();
    }

    public string KeyId { get; }

    /// <summary><c>hmac-sha256:KEYID:HEX</c>.</summary>
    public string Hash(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, body, hash);
        return $"hmac-sha256:{KeyId}:{Convert.ToHexStringLower(hash)}";
    }
}
