using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>The way to Azure Key Vault.</summary>
internal static class KeyVault
{
    public static SecretClient Open(Uri vault, TokenCredential identity) => new(vault, identity, new SecretClientOptions
    {
        Retry = { MaxRetries = 3, NetworkTimeout = TimeSpan.FromSeconds(5) },
        Diagnostics = { IsLoggingEnabled = false, IsDistributedTracingEnabled = false, IsTelemetryEnabled = false },
    });
}

/// <summary>The identity of this process at Entra ID.</summary>
internal static class WorkloadIdentity
{
    /// <summary>
    /// Identities of workloads only, in this order: environment, workload identity, managed identity. No developer sign-ins, which
    /// would start command-line tools from a server.
    /// </summary>
    public static TokenCredential Create() => new ChainedTokenCredential(
        new EnvironmentCredential(), new WorkloadIdentityCredential(), new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned));
}
