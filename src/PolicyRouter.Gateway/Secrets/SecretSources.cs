using Azure;
using Azure.Security.KeyVault.Secrets;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>Reads a secret from where its reference points.</summary>
internal sealed class SecretSources(SecretClient? vault)
{
    private const int MaxSecretBytes = 64 * 1024;
    private static readonly string[] Schemes = ["vault:", "env:", "file:"];

    /// <summary>True for <c>vault:NAME</c>, <c>env:NAME</c> and <c>file:PATH</c>.</summary>
    public static bool IsReference(string text) =>
        Array.Exists(Schemes, scheme => text.Length > scheme.Length && text.StartsWith(scheme, StringComparison.Ordinal));

    /// <exception cref="SecretUnavailableException">The message names the reference and what would mend it.</exception>
    public async Task<string> ReadAsync(string reference, CancellationToken cancellationToken)
    {
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        var name = reference[(colon + 1)..];
        var value = reference[..colon] switch
        {
            "vault" => await FromVaultAsync(reference, name, cancellationToken),
            "env" => Environment.GetEnvironmentVariable(name),
            _ => await FromFileAsync(reference, name, cancellationToken),
        };
        return string.IsNullOrEmpty(value) ? throw Unavailable(reference, "is not set, or empty") : value;
    }

    private async Task<string?> FromVaultAsync(string reference, string name, CancellationToken cancellationToken)
    {
        if (vault is null)
        {
            throw Unavailable(reference, "needs a key vault; set Secrets:KeyVaultUri");
        }

        try
        {
            var answer = await vault.GetSecretAsync(name, version: null, outContentType: null, cancellationToken);
            return answer.Value.Value;
        }
#pragma warning disable CA1031 // The client throws what its transport, its identity and its JSON reader throw; each of them means that there is no secret.
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var status = error is RequestFailedException { Status: > 0 and var code } ? $" (status {code})" : "";
            throw new SecretUnavailableException($"{reference} could not be read from the key vault{status}.", error);
        }
    }

    private static async Task<string?> FromFileAsync(string reference, string path, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(path).Length <= MaxSecretBytes
                ? (await File.ReadAllTextAsync(path, cancellationToken)).TrimEnd('\r', '\n')
                : throw Unavailable(reference, "is larger than 64 KB");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SecretUnavailableException($"{reference} could not be read.", error);
        }
    }

    private static SecretUnavailableException Unavailable(string reference, string why) => new($"{reference} {why}.");
}
