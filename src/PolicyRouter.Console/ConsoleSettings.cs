using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Signing;

namespace PolicyRouter.WebConsole;

/// <summary>What the console is told at start.</summary>
public sealed record ConsoleSettings
{
    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>The database of the log; a role that can only read is enough, and is what production should give it.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// The control plane of a gateway: records who reads what, and tells the health of deployments. Null only in development: nobody is recorded then,
    /// and nothing can be exported.
    /// </summary>
    public Uri? Gateway { get; init; }

    /// <summary>The policy folder in force; null when it is not at hand.</summary>
    public string? PolicyFolder { get; init; }

    /// <summary>A folder whose folders are other versions: earlier ones, and drafts. Null for none.</summary>
    public string? PolicyArchive { get; init; }

    /// <summary>How policy folders and drafts are read: what the host can redact, and no signature asked for. Needed when a folder is named.</summary>
    public PolicyLoadOptions? PolicyOptions { get; init; }

    /// <summary>The key whose signature policy folders should carry; null when it is not known. Folders are shown with or without one.</summary>
    public PolicyVerifier? PolicyVerifier { get; init; }

    /// <summary>The public keys that may have signed checkpoints; empty when nothing can be verified.</summary>
    public IReadOnlyList<CheckpointKey> CheckpointKeys { get; init; } = [];

    /// <summary>Where gateways keep checkpoints outside of the database; null when it is not at hand.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Years that events are kept at least, as <c>audit retire</c> is told.</summary>
    public int RetentionYears { get; init; } = RetentionPeriod.LeastYears;

    /// <summary>Issuer of sign-ins (OpenID Connect, authorization code with PKCE); null when development tokens are used instead.</summary>
    public OidcSettings? Oidc { get; init; }

    /// <summary>Trusts development tokens signed by this key; null outside development.</summary>
    public SecurityKey? DevelopmentKey { get; init; }

    /// <summary>Issuer and audience of development tokens.</summary>
    public string DevelopmentIssuer { get; init; } = "";
    public string DevelopmentAudience { get; init; } = "";

    /// <summary>Writes JSON logs to standard output. Off inside another process.</summary>
    public bool LogToConsole { get; init; } = true;

    /// <summary>Without the connection string and the client secret.</summary>
    public override string ToString() => $"console on {string.Join(' ', Urls)}";

    /// <exception cref="ArgumentException">No way to sign in, or two; or nobody who records reads in production.</exception>
    public void Validate()
    {
        if (Oidc is null == DevelopmentKey is null)
        {
            throw new ArgumentException("The console has exactly one way to sign in: an OpenID Connect issuer, or development tokens.");
        }

        if (Oidc is not null && Gateway is null)
        {
            throw new ArgumentException("Outside development the console needs the control plane of a gateway, which records who reads what.");
        }

        if (PolicyOptions is null && (PolicyFolder is not null || PolicyArchive is not null))
        {
            throw new ArgumentException("A policy folder is named and nothing says how it is read.");
        }
    }
}

/// <summary>The console's registration with the issuer.</summary>
/// <param name="Scopes">Scopes to ask for beside <c>openid</c> and <c>profile</c>, so that the access token is one the gateway takes.</param>
/// <param name="Resource">The resource (RFC 8707) the access token is for: the gateway's audience; null to ask for none.</param>
public sealed record OidcSettings(Uri Authority, string ClientId, string? ClientSecret, IReadOnlyList<string> Scopes, string? Resource)
{
    /// <summary>Without the client secret.</summary>
    public override string ToString() => $"{ClientId} at {Authority}";
}
