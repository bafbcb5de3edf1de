using System.Security.Cryptography;

namespace PolicyRouter.Policies.Signing;

/// <summary>The public key whose signature a policy folder must carry.</summary>
public sealed class PolicyVerifier
{
    private readonly byte[] _publicKey;

    private PolicyVerifier(byte[] publicKey, string keyId)
    {
        _publicKey = publicKey;
        KeyId = keyId;
    }

    /// <summary>The name of the key (<see cref="PolicySignature.KeyIdOf"/>).</summary>
    public string KeyId { get; }

    /// <exception cref="CryptographicException">The key is none for P-256.</exception>
    /// <exception cref="ArgumentException">The text holds no key, or more than one.</exception>
    public static PolicyVerifier FromPem(string pem)
    {
        using var key = PolicySignature.ReadKey(pem);
        return new(key.ExportSubjectPublicKeyInfo(), PolicySignature.KeyIdOf(key));
    }

    /// <summary>Why the signature of a folder does not hold for the version that was loaded from it; null when it does.</summary>
    public string? FaultOf(string folder, string version)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_publicKey, out _);
        return PolicySignature.FaultOf(folder, version, key);
    }
}
