using PolicyRouter.Audit.Sealing;
using PolicyRouter.Gateway.Secrets;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>The key that <c>Audit:SigningKey</c> names, read once at the start.</summary>
internal static class AuditSigningKey
{
    /// <returns>Null when none is named, which only development may do.</returns>
    /// <exception cref="GatewayConfigurationException">There is no such secret, or it is no key.</exception>
    public static async Task<CheckpointSigner?> ReadAsync(GatewaySettings settings, CancellationToken cancellationToken)
    {
        if (settings.Audit.SigningKey is not { } reference)
        {
            return null;
        }

        var vault = settings.Secrets.KeyVaultUri is { } address && reference.StartsWith("vault:", StringComparison.Ordinal)
            ? KeyVault.Open(new Uri(address), WorkloadIdentity.Create())
            : null;
        try
        {
            return CheckpointSigner.FromPem(await new SecretSources(vault).ReadAsync(reference, cancellationToken));
        }
        catch (SecretUnavailableException absent)
        {
            throw new GatewayConfigurationException([$"Audit:SigningKey: {absent.Message}"]);
        }
        catch (FormatException)
        {
            throw new GatewayConfigurationException(["Audit:SigningKey names a secret that is no Ed25519 private key in PEM (PKCS #8)"]);
        }
    }
}
