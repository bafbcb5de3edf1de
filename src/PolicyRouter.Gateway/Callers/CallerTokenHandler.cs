using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.Gateway.Callers;

/// <summary>
/// Checks a bearer token (RFC 9068): allow-listed asymmetric algorithms, <c>typ</c>, issuer, audience, lifetime with at most 30 seconds
/// of skew, signature by a key the issuer publishes now; then reads the caller. A token that passed costs a hash and a look-up from then on: <see cref="Seen"/>.
/// </summary>
internal sealed class CallerTokenHandler(IssuerKeys? issuer, DevelopmentTrust? development, string audience, TimeProvider time) : TokenHandler
{
    internal const int MaxTokenBytes = 16 * 1024;
    internal static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private const int CacheCapacity = 10_000;

    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly string[] Types = ["at+jwt", "application/at+jwt"];
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenBytes };
    private readonly ValidatedTokens _seen = new(CacheCapacity, time);
    private readonly ValidatedTokens _seenDevelopment = new(CacheCapacity, time);

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        if (token.Length > MaxTokenBytes)
        {
            return Refused("the token is too long");
        }

        var hash = TokenHash.Of(token);
        JsonWebToken parsed;
        try
        {
            parsed = _tokens.ReadJsonWebToken(token);
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException or FormatException)
        {
            return Refused("the token is not a JWT");
        }

        // RFC 7515, section 4.1.11: an extension that is not understood must not be ignored. None is.
        if (parsed.IsEncrypted || parsed.TryGetHeaderValue<object>("crit", out _) || string.IsNullOrEmpty(parsed.Kid))
        {
            return Refused("the token's header is not acceptable");
        }

        if (development is not null && parsed.Issuer == DevelopmentTokens.Issuer)
        {
            return await CheckAsync(hash, token, new IssuerKeySet(DevelopmentTokens.Issuer, [development.Key], 0), DevelopmentTokens.Audience, _seenDevelopment);
        }

        if (issuer is null)
        {
            return Refused("the token's issuer is not trusted");
        }

        try
        {
            return await CheckAsync(hash, token, await issuer.ForAsync(parsed.Kid, CancellationToken.None), audience, _seen);
        }
        catch (IssuerUnavailableException unavailable)
        {
            return new TokenValidationResult { IsValid = false, Exception = unavailable };
        }
    }

    /// <summary>The result of a token that passed the check before, with the keys of now, and is still alive; null for any other.</summary>
    public TokenValidationResult? Seen(ReadOnlySpan<char> token)
    {
        if (token.Length > MaxTokenBytes)
        {
            return null;
        }

        var hash = TokenHash.Of(token);
        return (issuer?.Recent is { } recent ? _seen.Find(hash, recent.Generation) : null) ?? (development is null ? null : _seenDevelopment.Find(hash, 0));
    }

    private async Task<TokenValidationResult> CheckAsync(
        TokenHash hash, string token, IssuerKeySet keys, string expectedAudience, ValidatedTokens seen)
    {
        var result = await _tokens.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = Algorithms,
            ValidTypes = Types,
            ValidIssuer = keys.Issuer,
            ValidAudience = expectedAudience,
            IssuerSigningKeys = keys.Keys,
            TryAllIssuerSigningKeys = false,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateIssuerSigningKey = true,
            ValidateTokenReplay = false,
            LifetimeValidator = IsAlive,
        });
        if (!result.IsValid || result.SecurityToken is not JsonWebToken valid)
        {
            return Refused("the token did not pass the check");
        }

        if (CallerClaims.Read(valid.EncodedPayload) is not { } caller)
        {
            return Refused("a claim of the token is malformed");
        }

        TokenValidationResult accepted = new() { IsValid = true, ClaimsIdentity = new CallerIdentity(caller), SecurityToken = valid, Issuer = keys.Issuer };
        seen.Keep(hash, accepted, new DateTimeOffset(valid.ValidTo, TimeSpan.Zero), keys.Generation);
        return accepted;
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + Skew && (notBefore is not { } start || start <= now + Skew);
    }

    private static TokenValidationResult Refused(string reason) => new() { IsValid = false, Exception = new InvalidTokenException(reason) };
}
