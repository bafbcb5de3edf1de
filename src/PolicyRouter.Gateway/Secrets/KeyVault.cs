using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>The way to Azure Key Vault.</summary>
internal static class KeyVault
{
    /// <summary>
    /// Identities of workloads only, in this order: environment, workload identity, managed identity. No developer sign-ins, which
    /// would start command-line tools from a server.
    /// </summary>
    public static SecretClient Open(Uri vault) => new(vault, new ChainedTokenCredential(Credentials()), new SecretClientOptions
    {
        Retry = { MaxRetries = 3, NetworkTimeout = TimeSpan.FromSeconds(5) },
        Diagnostics = { IsLoggingEnabled = false, IsDistributedTracingEnabled = false, IsTelemetryEnabled = false },
    });

    private static TokenCredential[] Credentials() =>
        [new EnvironmentCredential(), new WorkloadIdentityCredential(), new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned)];
}
