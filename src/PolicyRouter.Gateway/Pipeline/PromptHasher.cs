using System.Security.Cryptography;
using System.Text;
using PolicyRouter.Gateway.Callers;

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

    /// <summary>
    /// The hash of a whole request, which is what an approval names: who asks, for what, about whom, and the body. Whoever repeats the request for
    /// another purpose, or under another token, needs another approval.
    /// </summary>
    internal string HashRequest(Caller caller, RequestFacts facts, ReadOnlySpan<byte> body)
    {
        // One fact per line; none holds a line break, as claims and headers cannot, and classes, zones and purposes are words of the policy.
        var head = string.Join('\n',
            "policyrouter/request/v1", caller.App, caller.Tenant, caller.BusinessUnit, string.Join(',', caller.FloorClasses.Order(StringComparer.Ordinal)),
            string.Join(',', facts.DeclaredClasses), string.Join(',', facts.Subjects), facts.Purpose, "");
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(Encoding.UTF8.GetBytes(head));
        hash.AppendData(body);
        return Named(hash.GetHashAndReset());
    }

    /// <summary><c>hmac-sha256:KEYID:HEX</c>.</summary>
    public string Hash(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, body, hash);
        return Named(hash);
    }

    private string Named(ReadOnlySpan<byte> hash) => $"hmac-sha256:{KeyId}:{Convert.ToHexStringLower(hash)}";
}
