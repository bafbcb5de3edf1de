using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.Gateway.Callers;

/// <summary>The keys an issuer publishes at one time.</summary>
/// <param name="Issuer">The exact <c>iss</c> that tokens must carry.</param>
/// <param name="Generation">Changes when the published keys do.</param>
internal sealed record IssuerKeySet(string Issuer, IReadOnlyList<SecurityKey> Keys, long Generation)
{
    public bool Has(string keyId)
    {
        foreach (var key in Keys)
        {
            if (string.Equals(key.KeyId, keyId, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
