using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Policies.Signing;

/// <summary>
/// The signature of a whole policy folder, in its file <c>policy.sig</c>: ECDSA P-256 with SHA-256 (ES256, RFC 7518 section 3.4) over the folder's version,
/// which is a hash of every file that counts. It says who stands behind the rules; it does not keep an older signed folder from being put back, which the
/// record of activations shows.
/// </summary>
public static class PolicySignature
{
    /// <summary>Its file in the folder. Not part of the version.</summary>
    public const string FileName = "policy.sig";

    private const string Format = "policyrouter/policy-signature/v1";
    private const string Curve = "1.2.840.10045.3.1.7";
    private const int LongestFile = 4_096;
    private const int SignatureBytes = 64;

    /// <summary>The content of <see cref="FileName"/> for a version.</summary>
    /// <exception cref="CryptographicException">The key is not a private P-256 key.</exception>
    public static string Sign(string version, ECDsa key)
    {
        RequireCurve(key);
        var signature = key.SignData(Signed(version), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return new JsonObject
        {
            ["format"] = Format,
            ["version"] = version,
            ["algorithm"] = "ES256",
            ["keyId"] = KeyIdOf(key),
            ["signature"] = Base64Url.EncodeToString(signature),
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>What the signature file of a folder says of itself: the version it was made for and the id of the key. Nothing is checked; null without a readable one.</summary>
    public static (string Version, string KeyId)? ClaimOf(string folder)
    {
        try
        {
            using var stream = PolicyOnDisk.OpenPath(Path.Combine(folder, FileName));
            var buffer = new byte[LongestFile + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length <= LongestFile && Read(buffer.AsSpan(0, length)) is { } file ? (file.Version, file.KeyId) : null;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Checks the signature file of a folder against the version that was loaded from it.</summary>
    /// <returns>Why it does not hold, in one clause; null when it does.</returns>
    public static string? FaultOf(string folder, string version, ECDsa key)
    {
        RequireCurve(key);
        try
        {
            using var stream = PolicyOnDisk.OpenPath(Path.Combine(folder, FileName));
            var buffer = new byte[LongestFile + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > LongestFile ? "it is larger than a signature can be" : FaultOf(buffer.AsSpan(0, length), version, key);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return "the folder is not signed";
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read ({unreadable.GetType().Name})";
        }
    }

    /// <summary>The same of the content of a signature file.</summary>
    public static string? FaultOf(ReadOnlySpan<byte> content, string version, ECDsa key)
    {
        if (Read(content) is not { } file)
        {
            return "it is malformed";
        }

        if (file.KeyId != KeyIdOf(key))
        {
            return "it was made with another key";
        }

        if (file.Version != version)
        {
            return "it was made for other content: something has been changed, added or removed since";
        }

        return key.VerifyData(Signed(version), file.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            ? null
            : "it does not match";
    }

    /// <summary>A key from PEM text, private or public.</summary>
    /// <exception cref="CryptographicException">It is none for P-256.</exception>
    /// <exception cref="ArgumentException">The text holds no key, or more than one.</exception>
    public static ECDsa ReadKey(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            RequireCurve(key);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The name of a key: SHA-256 of its SubjectPublicKeyInfo, in base64url.</summary>
    public static string KeyIdOf(ECDsa key) => Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    private static (string Version, string KeyId, byte[] Signature)? Read(ReadOnlySpan<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content.ToArray(), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 4 });
            var file = document.RootElement;
            return Text("format") == Format && Text("algorithm") == "ES256" && Base64Url.DecodeFromChars(Text("signature")) is { Length: SignatureBytes } signature
                ? (Text("version"), Text("keyId"), signature)
                : null;

            string Text(string name) => file.GetProperty(name).GetString() ?? "";
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[] Signed(string version) => Encoding.UTF8.GetBytes($"{Format}\n{version}");

    private static void RequireCurve(ECDsa key)
    {
        if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != Curve)
        {
            throw new CryptographicException("Policies are signed with P-256 keys.");
        }
    }
}
