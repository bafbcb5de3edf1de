using System.Security.Cryptography;
using PolicyRouter.Gateway.Pipeline;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>The configured key of prompt hashes.</summary>
internal static class PromptHashKey
{
    private const int LeastBytes = 32;

    public static bool IsValid(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length >= LeastBytes;
    }

    /// <summary>The configured key; in development, where none need be configured, one that lasts as long as the process.</summary>
    public static PromptHasher Open(AuditSettings settings) => settings.PromptHashKey is { } configured
        ? new PromptHasher(settings.PromptHashKeyId, Convert.FromBase64String(configured))
        : new PromptHasher("ephemeral", RandomNumberGenerator.GetBytes(LeastBytes));
}
