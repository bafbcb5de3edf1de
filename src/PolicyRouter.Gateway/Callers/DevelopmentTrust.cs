using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.Gateway.Callers;

/// <summary>The public half of the development signing key. It exists only in a host that runs in development.</summary>
internal sealed class DevelopmentTrust : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create();

    /// <exception cref="ArgumentException">The text is not a PEM public key.</exception>
    public DevelopmentTrust(string publicKeyPem)
    {
        _key.ImportFromPem(publicKeyPem);
        Key = new ECDsaSecurityKey(_key) { KeyId = DevelopmentTokens.KeyIdOf(_key) };
    }

    public SecurityKey Key { get; }

    public void Dispose() => _key.Dispose();
}
