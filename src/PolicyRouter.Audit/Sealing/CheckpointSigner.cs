using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace PolicyRouter.Audit.Sealing;

/// <summary>The private key that signs checkpoints (Ed25519). A class and not a record: nothing prints its fields.</summary>
public sealed class CheckpointSigner
{
    private const string Label = "PRIVATE KEY";

    private readonly Ed25519PrivateKeyParameters _key;

    private CheckpointSigner(Ed25519PrivateKeyParameters key)
    {
        _key = key;
        Key = new CheckpointKey(key.GeneratePublicKey());
    }

    /// <summary>The public half.</summary>
    public CheckpointKey Key { get; }

    /// <summary>A new key.</summary>
    public static CheckpointSigner Create() => new(new Ed25519PrivateKeyParameters(RandomNumberGenerator.GetBytes(Ed25519PrivateKeyParameters.KeySize)));

    /// <exception cref="FormatException">The text holds no Ed25519 private key as PEM (PKCS #8). It is not repeated.</exception>
    public static CheckpointSigner FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        try
        {
            return PrivateKeyFactory.CreateKey(PemText.Decode(pem, Label)) is Ed25519PrivateKeyParameters key
                ? new CheckpointSigner(key)
                : throw new FormatException("The key is not an Ed25519 key.");
        }
        catch (Exception error) when (error is not FormatException)
        {
            // Without the inner exception, which might quote the key.
            throw new FormatException("The text holds no Ed25519 private key.");
        }
    }

    /// <summary>The secret itself: for the file it is kept in.</summary>
    public string ToPem() => PemEncoding.WriteString(Label, PrivateKeyInfoFactory.CreatePrivateKeyInfo(_key).GetDerEncoded()) + "\n";

    internal byte[] Sign(byte[] message)
    {
        Ed25519Signer signer = new();
        signer.Init(forSigning: true, _key);
        signer.BlockUpdate(message, 0, message.Length);
        return signer.GenerateSignature();
    }
}
