using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.Gateway.Callers;

/// <summary>
/// The signing keys of the configured issuer. Renewed every 15 minutes, or at once (but at most every 10 seconds) when a token
/// names a key that is not known; one fetch at a time. There is no last-known-good: a withdrawn key is gone with the next fetch.
/// While the issuer is away the keys already known stay good for four hours.
/// </summary>
internal sealed class IssuerKeys(IssuerDocuments documents, TimeProvider time, ILogger<IssuerKeys> logger) : IDisposable
{
    internal static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(15);
    internal static readonly TimeSpan BetweenFetches = TimeSpan.FromSeconds(10);
    internal static readonly TimeSpan GoodWithoutIssuer = TimeSpan.FromHours(4);
    private readonly Lock _gate = new();
    private volatile State _state = new(null, "", 0, 0);
    private Task? _fetch;
    private long? _lastFetch;

    /// <summary>The keys when they are recent enough to be used without asking the issuer; else null.</summary>
    public IssuerKeySet? Recent
    {
        get
        {
            var state = _state;
            return state.Keys is not null && time.GetElapsedTime(state.FetchedAt) < RenewAfter ? state.Keys : null;
        }
    }

    /// <summary>True while tokens can be checked: part of readiness.</summary>
    public bool AreKnown => Usable is not null;

    private IssuerKeySet? Usable
    {
        get
        {
            var state = _state;
            return state.Keys is not null && time.GetElapsedTime(state.FetchedAt) < GoodWithoutIssuer ? state.Keys : null;
        }
    }

    /// <summary>The keys to check a token with that names <paramref name="keyId"/>. Waits for at most one fetch.</summary>
    /// <exception cref="IssuerUnavailableException">None were ever fetched, or not for four hours.</exception>
    public async ValueTask<IssuerKeySet> ForAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Recent is not { } recent || !recent.Has(keyId))
        {
            await FetchOnceAsync().WaitAsync(cancellationToken);
        }

        return Usable ?? throw new IssuerUnavailableException();
    }

    /// <summary>Fetches now unless a fetch runs (which is joined) or ran within the last ten seconds.</summary>
    public Task FetchOnceAsync()
    {
        lock (_gate)
        {
            if (_fetch is { IsCompleted: false })
            {
                return _fetch;
            }

            if (_lastFetch is { } last && time.GetElapsedTime(last) < BetweenFetches)
            {
                return Task.CompletedTask;
            }

            _lastFetch = time.GetTimestamp();
            _fetch = Task.Run(FetchAsync);
            return _fetch;
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            // Its own token: the fetch is shared, and the caller that began it may leave. IssuerDocuments bounds it.
            var (issuer, json) = await documents.FetchAsync(CancellationToken.None);
            var digest = Convert.ToHexString(SHA256.HashData(json));
            var known = _state;
            if (known.Keys is not null && known.Digest == digest)
            {
                _state = known with { FetchedAt = time.GetTimestamp() };
                return;
            }

            var keys = SigningKeysOf(json);
            var generation = known.Generation + 1;
            _state = new State(new IssuerKeySet(issuer, keys, generation), digest, generation, time.GetTimestamp());
            logger.IssuerKeysChanged(keys.Count);
        }
        catch (IssuerDocumentException error)
        {
            logger.IssuerUnavailable(error.Message);
        }
    }

    /// <summary>Public RSA and EC keys with a name, for signatures. A symmetric key in a public document is no secret.</summary>
    private static List<SecurityKey> SigningKeysOf(byte[] json)
    {
        try
        {
            var keys = new JsonWebKeySet(Encoding.UTF8.GetString(json)).Keys;
            return
            [
                .. keys.Where(static key => key.Kty is JsonWebAlgorithmsKeyTypes.RSA or JsonWebAlgorithmsKeyTypes.EllipticCurve
                    && key.Use is null or "sig"
                    && !string.IsNullOrEmpty(key.KeyId)),
            ];
        }
        catch (ArgumentException error)
        {
            throw new IssuerDocumentException("the key set is not a JWK set", error);
        }
    }

    public void Dispose() => documents.Dispose();

    private sealed record State(IssuerKeySet? Keys, string Digest, long Generation, long FetchedAt);
}
