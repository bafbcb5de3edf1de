using System.Security.Cryptography;
using PolicyRouter.Policies.Signing;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>The key that <c>Policies:VerificationKey</c> names.</summary>
internal static class VerificationKeyFile
{
    public static bool IsReadable(string path)
    {
        try
        {
            _ = Read(path);
            return true;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <exception cref="ArgumentException">The file holds a private key, which has no business on a gateway, or no key.</exception>
    public static PolicyVerifier Read(string path)
    {
        var pem = File.ReadAllText(path);
        return pem.Contains("PRIVATE KEY", StringComparison.Ordinal)
            ? throw new ArgumentException("The file holds a private key.", nameof(path))
            : PolicyVerifier.FromPem(pem);
    }
}
