using System.Collections.Concurrent;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>Tokens for Google Cloud, of the gateway's own identity or of a service account whose key is a secret. Kept and renewed by Google.Apis.Auth.</summary>
internal sealed class GoogleTokens
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private readonly ConcurrentDictionary<string, (string Key, GoogleCredential Credential)> _accounts = new(StringComparer.Ordinal);
    private GoogleCredential? _identity;

    /// <summary>A token of Application Default Credentials: workload identity, the metadata server, or the file that the environment names.</summary>
    /// <exception cref="SecretUnavailableException">There is no identity, or its service does not answer.</exception>
    public Task<string> OfIdentityAsync(CancellationToken cancellationToken) => GuardedAsync("identity:google", async () =>
    {
        _identity ??= (await GoogleCredential.GetApplicationDefaultAsync(cancellationToken)).CreateScoped(Scope);
        return await TokenAsync(_identity, cancellationToken);
    });

    /// <summary>A token for a service account.</summary>
    /// <param name="name">Whose it is, for messages.</param>
    /// <param name="key">The JSON of the account's key.</param>
    /// <exception cref="SecretUnavailableException">The key is none, or its token service does not answer.</exception>
    public Task<string> OfServiceAccountAsync(string name, string key, CancellationToken cancellationToken) => GuardedAsync($"the service account of {name}", () =>
    {
        var account = _accounts.AddOrUpdate(name, static (_, key) => (key, Open(key)), static (_, known, key) => known.Key == key ? known : (key, Open(key)), key);
        return TokenAsync(account.Credential, cancellationToken);
    });

    private static GoogleCredential Open(string key) => CredentialFactory.FromJson<ServiceAccountCredential>(key).ToGoogleCredential().CreateScoped(Scope);

    private static Task<string> TokenAsync(GoogleCredential credential, CancellationToken cancellationToken) =>
        ((ITokenAccess)credential).GetAccessTokenForRequestAsync(authUri: null, cancellationToken);

    private static async Task<string> GuardedAsync(string name, Func<Task<string>> get)
    {
        try
        {
            return await get();
        }
        catch (Exception error) when (error is TokenResponseException or HttpRequestException or IOException or InvalidOperationException or JsonException
            or ArgumentException or FormatException or Newtonsoft.Json.JsonException)
        {
            // Without the inner exception: Google's messages may quote what they could not read, and that is a key.
            throw new SecretUnavailableException($"{name} has no token for Google Cloud.");
        }
    }
}
