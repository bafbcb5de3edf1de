using System.Security.Cryptography;
using System.Text;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>The signature of a post, as Standard Webhooks has it: <c>v1,</c> and the base64 of HMAC-SHA-256 over <c>ID.SECONDS.BODY</c>.</summary>
internal static class WebhookSignature
{
    private const string SecretPrefix = "whsec_";

    /// <param name="secret"><c>whsec_</c> and base64, or any text, which is then the key itself.</param>
    public static string Of(string secret, string id, string seconds, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(secret));
        hash.AppendData(Encoding.ASCII.GetBytes($"{id}.{seconds}."));
        hash.AppendData(body);
        return $"v1,{Convert.ToBase64String(hash.GetHashAndReset())}";
    }

    private static byte[] KeyOf(string secret)
    {
        var encoded = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : "";
        var key = new byte[encoded.Length];
        return encoded.Length > 0 && Convert.TryFromBase64String(encoded, key, out var length) ? key[..length] : Encoding.UTF8.GetBytes(secret);
    }
}
