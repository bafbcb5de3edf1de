using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.Gateway.Callers;

/// <summary>Makes tokens for development: ES256, signed with a key of the development folder. Only a gateway in development trusts them.</summary>
public sealed class DevelopmentTokens(ECDsa key, TimeProvider time)
{
    /// <summary>The <c>iss</c> of development tokens.</summary>
    public const string Issuer = "policyrouter-development";

    /// <summary>The <c>aud</c> of development tokens.</summary>
    public const string Audience = "policyrouter";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A signed token for <paramref name="caller"/> that expires after <paramref name="lifetime"/>.</summary>
    public string Create(Caller caller, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(caller);
        Dictionary<string, object> claims = new(StringComparer.Ordinal) { ["sub"] = caller.App, ["roles"] = caller.Roles.ToArray() };
        if (caller.Tenant.Length > 0)
        {
            claims["tenant"] = caller.Tenant;
        }

        if (caller.BusinessUnit.Length > 0)
        {
            claims["business_unit"] = caller.BusinessUnit;
        }

        if (caller.Priority is not CallerPriority.Normal)
        {
            claims["priority"] = caller.Priority is CallerPriority.High ? "high" : "low";
        }

        AddList(claims, "data_class_floor", caller.FloorClasses);
        AddList(claims, "purposes", caller.Purposes);
        AddList(claims, "data_subjects", caller.DataSubjects);
        var now = time.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            TokenType = "at+jwt",
            Claims = claims,
            NotBefore = now,
            IssuedAt = now,
            Expires = now + lifetime,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = KeyIdOf(key) }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>The name of a key: the first half of the SHA-256 of its public part.</summary>
    internal static string KeyIdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 16));

    private static void AddList(Dictionary<string, object> claims, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            claims[name] = values.ToArray();
        }
    }
}
