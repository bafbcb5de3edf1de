using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Gateway.Secrets;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// Keys and kept checkpoints of the log at hand: those of the environment that a gateway would read, else, for the private database,
/// those of the development folder.
/// </summary>
/// <param name="SigningKey">Reference of the key that signs; null when there is none.</param>
/// <param name="PublicKey">File of the key that verifies; null when there is none.</param>
/// <param name="Folder">Where checkpoints are kept; null when nowhere.</param>
internal sealed record CheckpointKeys(string? SigningKey, string? PublicKey, string? Folder)
{
    public const string SigningKeyVariable = "POLICYROUTER__Audit__SigningKey";
    private const string FolderVariable = "POLICYROUTER__Audit__CheckpointFolder";

    /// <param name="isPrivate">Whether the log is the one of the development folder.</param>
    public static CheckpointKeys Of(bool isPrivate)
    {
        var home = isPrivate ? DevelopmentHome.Open() : null;
        return new CheckpointKeys(
            Environment.GetEnvironmentVariable(SigningKeyVariable) ?? (home is null ? null : "file:" + home.OpenCheckpointKey()),
            home is not null && Environment.GetEnvironmentVariable(SigningKeyVariable) is null ? home.CheckpointPublicKey : null,
            Environment.GetEnvironmentVariable(FolderVariable) ?? home?.CheckpointFolder);
    }

    /// <returns>Null when there is no key: what is recorded then has no checkpoint.</returns>
    /// <exception cref="SecretUnavailableException">There is no such secret here.</exception>
    /// <exception cref="FormatException">It is no key.</exception>
    public async Task<CheckpointSigner?> ReadSignerAsync(CancellationToken cancellationToken)
    {
        if (SigningKey is null)
        {
            return null;
        }

        SecretResolver secrets = new(vault: null, TimeProvider.System, NullLogger<SecretResolver>.Instance);
        return CheckpointSigner.FromPem(await secrets.GetAsync(SigningKey, refresh: true, cancellationToken));
    }
}
