using System.Collections.Concurrent;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>
/// Turns the references of <c>endpoints.yaml</c> (<c>vault:NAME</c>, <c>env:NAME</c>, <c>file:PATH</c>) into secrets. What was read
/// once stays usable while its source is away, and is renewed in the background when it is older than five minutes.
/// </summary>
public sealed class SecretResolver
{
    internal static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, ResolvedSecret> _secrets = new(StringComparer.Ordinal);
    private readonly SecretSources _sources;
    private readonly TimeProvider _time;
    private readonly ILogger<SecretResolver> _logger;

    /// <param name="vault">The key vault; null when none is configured, in which case <c>vault:</c> references fail.</param>
    public SecretResolver(SecretClient? vault, TimeProvider time, ILogger<SecretResolver> logger)
    {
        _sources = new SecretSources(vault);
        _time = time;
        _logger = logger;
    }

    /// <summary>
    /// The secret a reference names. With <paramref name="refresh"/> its source is asked now (once for everybody who asks at the
    /// same time); when the source does not answer, the value known so far is returned.
    /// </summary>
    /// <exception cref="SecretUnavailableException">It cannot be had and was never read.</exception>
    public ValueTask<string> GetAsync(string reference, bool refresh, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (!SecretSources.IsReference(reference))
        {
            // Not echoed: somebody may have written the secret itself where its reference belongs.
            throw new SecretUnavailableException("A credential is not vault:NAME, env:NAME or file:PATH.");
        }

        var secret = _secrets.GetOrAdd(reference, static (name, resolver) => new ResolvedSecret(name, resolver._sources, resolver._time, resolver._logger), this);
        if (refresh || secret.Value is not { } value)
        {
            return new ValueTask<string>(secret.ReadAsync(cancellationToken));
        }

        if (secret.Age >= RenewAfter)
        {
            secret.RenewInBackground();
        }

        return new ValueTask<string>(value);
    }

    /// <summary>Asks the source again and says whether the secret is another one than before: worth a second try with it.</summary>
    /// <exception cref="SecretUnavailableException">It cannot be had and was never read.</exception>
    public async ValueTask<bool> HasChangedAsync(string reference, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(reference);
        var before = _secrets.GetValueOrDefault(reference)?.Value;
        var after = await GetAsync(reference, refresh: true, cancellationToken);
        return before is not null && !string.Equals(before, after, StringComparison.Ordinal);
    }

    /// <summary>How long ago each reference was last read from its source, for metrics. References, no values.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Ages =>
        _secrets.Where(static pair => pair.Value.Value is not null).ToDictionary(static pair => pair.Key, static pair => pair.Value.Age, StringComparer.Ordinal);
}
