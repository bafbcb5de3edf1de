using System.Security.Cryptography;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>The configured key of prompt hashes, from which that of pseudonyms and conversations is derived.</summary>
internal sealed class PromptHashKey
{
    private const int LeastBytes = 32;
    private readonly string _id;
    private readonly byte[] _secret;

    /// <summary>The configured key; in development, where none need be configured, one that lasts as long as the process.</summary>
    public PromptHashKey(AuditSettings settings) => (_id, _secret) = settings.PromptHashKey is { } configured
        ? (settings.PromptHashKeyId, Convert.FromBase64String(configured))
        : ("ephemeral", RandomNumberGenerator.GetBytes(LeastBytes));

    public static bool IsValid(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length >= LeastBytes;
    }

    public PromptHasher Hasher() => new(_id, _secret);

    public RedactionKey Redaction() => new(_id, _secret);
}
