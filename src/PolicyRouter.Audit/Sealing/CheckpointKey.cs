using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace PolicyRouter.Audit.Sealing;

/// <summary>The public half of the key that signs checkpoints (Ed25519): all that somebody needs who checks the log.</summary>
public sealed class CheckpointKey
{
    private const string Label = "PUBLIC KEY";

    // Names the algorithm in signed notes.
    private const byte Ed25519 = 0x01;
    private const int IdSize = 4;

    private readonly Ed25519PublicKeyParameters _key;

    internal CheckpointKey(Ed25519PublicKeyParameters key) => _key = key;

    /// <exception cref="FormatException">The text holds no Ed25519 public key as PEM (SubjectPublicKeyInfo).</exception>
    public static CheckpointKey FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        try
        {
            return PublicKeyFactory.CreateKey(PemText.Decode(pem, Label)) is Ed25519PublicKeyParameters key
                ? new CheckpointKey(key)
                : throw new FormatException("The key is not an Ed25519 key.");
        }
        catch (Exception error) when (error is not FormatException)
        {
            throw new FormatException("The text holds no Ed25519 public key.");
        }
    }

    public string ToPem() =>
        PemEncoding.WriteString(Label, SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(_key).GetDerEncoded()) + "\n";

    /// <summary><c>sha256:HEX</c> of the key as SubjectPublicKeyInfo.</summary>
    public string Fingerprint =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(_key).GetDerEncoded()));

    /// <summary>Which key of which name, as signature lines have it (C2SP signed-note): four bytes of a hash over both.</summary>
    internal byte[] IdFor(string name) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', Ed25519, .. _key.GetEncoded()])[..IdSize];

    internal bool Verifies(byte[] message, byte[] signature)
    {
        Ed25519Signer verifier = new();
        verifier.Init(forSigning: false, _key);
        verifier.BlockUpdate(message, 0, message.Length);
        return verifier.VerifySignature(signature);
    }
}
