using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Authorizing;

/// <summary>
/// Something people have signed: a JWS in general JSON serialization (RFC 7515 section 7.2.1), every signature ES256, every <c>kid</c> a person of
/// the registry. One bad signature spoils it: nobody should have to ask which of them counts.
/// </summary>
internal sealed record SignedStatement(JsonElement Payload, IReadOnlyList<Person> SignedBy)
{
    private const int LongestText = 16_384;
    private const int MostSignatures = 8;

    /// <summary>Null when it is malformed, signed by a stranger, or changed after signing.</summary>
    public static SignedStatement? Read(string text, IReadOnlyList<Person> people)
    {
        if (text.Length > LongestText)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var payload = document.RootElement.GetProperty("payload").GetString() ?? "";
            List<Person> signers = [];
            foreach (var signature in document.RootElement.GetProperty("signatures").EnumerateArray())
            {
                if (signers.Count == MostSignatures || Signer(payload, signature, people) is not { } person)
                {
                    return null;
                }

                signers.Add(person);
            }

            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return signers.Count == 0 ? null : new(claims.RootElement.Clone(), signers);
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or CryptographicException)
        {
            return null;
        }
    }

    private static Person? Signer(string payload, JsonElement signature, IReadOnlyList<Person> people)
    {
        var header = signature.GetProperty("protected").GetString() ?? "";
        using var parsed = JsonDocument.Parse(Base64Url.DecodeFromChars(header), new JsonDocumentOptions { AllowDuplicateProperties = false });
        var kid = parsed.RootElement.GetProperty("kid").GetString();
        if (parsed.RootElement.GetProperty("alg").GetString() != "ES256" || parsed.RootElement.TryGetProperty("crit", out _)
            || people.FirstOrDefault(person => person.Id == kid) is not { } person)
        {
            return null;
        }

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(person.PublicKey.Span, out _);
        return key.VerifyData(
            Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature.GetProperty("signature").GetString() ?? ""), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            ? person
            : null;
    }
}
