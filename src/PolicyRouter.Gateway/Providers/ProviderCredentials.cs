using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Providers;

/// <summary>The credential of an endpoint at this moment. Not a record: nothing prints its secret.</summary>
internal readonly struct ProviderCredential(bool isAvailable, string? secret)
{
    public bool IsAvailable { get; } = isAvailable;

    /// <summary>Null when the endpoint needs none.</summary>
    public string? Secret { get; } = secret;

    public override string ToString() => IsAvailable ? "available" : "unavailable";
}

/// <summary>Reads the credentials that endpoints refer to.</summary>
internal sealed class ProviderCredentials(SecretResolver secrets)
{
    public async ValueTask<ProviderCredential> GetAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint.Credential is not { } reference)
        {
            return new ProviderCredential(isAvailable: true, null);
        }

        try
        {
            var secret = await secrets.GetAsync(reference, refresh: false, cancellationToken);
            // A line break or worse would end up in the request's head; such a value is no credential.
            return secret.Length > 0 && secret.All(static character => character is > ' ' and < '\x7f')
                ? new ProviderCredential(isAvailable: true, secret)
                : default;
        }
        catch (SecretUnavailableException)
        {
            // Becomes the attempt's recorded failure, `credential_unavailable`.
            return default;
        }
    }
}
