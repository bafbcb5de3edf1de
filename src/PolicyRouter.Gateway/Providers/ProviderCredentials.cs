using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Policies.Facts;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Providers;

/// <summary>The credential of an endpoint at this moment. Not a record: nothing prints its secret.</summary>
internal readonly struct ProviderCredential(bool isAvailable, string? secret, bool isToken = false)
{
    public bool IsAvailable { get; } = isAvailable;

    /// <summary>Null when the endpoint needs none.</summary>
    public string? Secret { get; } = secret;

    /// <summary>True for a token that an identity service made, false for a key.</summary>
    public bool IsToken { get; } = isToken;

    public override string ToString() => IsAvailable ? "available" : "unavailable";
}

/// <summary>Gets the credentials that endpoints refer to: keys as they are, tokens of the gateway's own identities, and tokens for the keys of Google's service accounts.</summary>
internal sealed class ProviderCredentials(SecretResolver secrets, AzureTokens azure, GoogleTokens google, TimeProvider time)
{
    private const string AzureIdentity = "identity:azure";
    private const string GoogleIdentity = "identity:google";

    /// <remarks>Never waits longer than the endpoint has for its first token: a vault or an identity service that hangs is a reason to go elsewhere.</remarks>
    public async ValueTask<ProviderCredential> GetAsync(Endpoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint.Credential is not { } reference)
        {
            return new ProviderCredential(isAvailable: true, null);
        }

        try
        {
            if (reference is AzureIdentity or GoogleIdentity || IsGoogle(endpoint))
            {
                using CancellationTokenSource timeout = new(endpoint.Timeouts.FirstToken, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
                return Usable(await TokenAsync(endpoint, reference, either.Token), isToken: true);
            }

            // Nearly always it has been read before, and there is nothing to wait for.
            var secret = secrets.GetAsync(reference, refresh: false, cancellationToken);
            return Usable(secret.IsCompleted ? await secret : await secret.AsTask().WaitAsync(endpoint.Timeouts.FirstToken, time, cancellationToken), isToken: false);
        }
        catch (Exception error) when (error is SecretUnavailableException or TimeoutException)
        {
            // Becomes the attempt's recorded failure, `credential_unavailable`.
            return default;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }

    /// <summary>Reads the credential again and says whether it is another one than before: worth a second try with it. Identities renew their tokens themselves.</summary>
    /// <exception cref="SecretUnavailableException">It cannot be had and was never read.</exception>
    public async ValueTask<bool> HasChangedAsync(Endpoint endpoint, CancellationToken cancellationToken) =>
        endpoint.Credential is { } reference and not (AzureIdentity or GoogleIdentity) && await secrets.HasChangedAsync(reference, cancellationToken);

    private async Task<string> TokenAsync(Endpoint endpoint, string reference, CancellationToken cancellationToken) => reference switch
    {
        AzureIdentity => await azure.GetAsync(cancellationToken),
        GoogleIdentity => await google.OfIdentityAsync(cancellationToken),
        _ => await google.OfServiceAccountAsync(endpoint.DeploymentId, await secrets.GetAsync(reference, refresh: false, cancellationToken), cancellationToken),
    };

    private static bool IsGoogle(Endpoint endpoint) => endpoint.Wire is WireFormat.VertexAnthropic or WireFormat.VertexGemini;

    // A line break or worse would end up in the request's head; such a value is no credential.
    private static ProviderCredential Usable(string secret, bool isToken) =>
        secret.Length > 0 && secret.All(static character => character is > ' ' and < '\x7f') ? new ProviderCredential(isAvailable: true, secret, isToken) : default;
}
