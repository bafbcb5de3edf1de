using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.WebConsole;

/// <summary>What the console is told at start.</summary>
public sealed record ConsoleSettings
{
    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>The database of the log; a role that can only read is enough, and is what production should give it.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Issuer of sign-ins (OpenID Connect, authorization code with PKCE); null when development tokens are used instead.</summary>
    public OidcSettings? Oidc { get; init; }

    /// <summary>Trusts development tokens signed by this key; null outside development.</summary>
    public SecurityKey? DevelopmentKey { get; init; }

    /// <summary>Issuer and audience of development tokens.</summary>
    public string DevelopmentIssuer { get; init; } = "";
    public string DevelopmentAudience { get; init; } = "";

    /// <summary>Writes JSON logs to standard output. Off inside another process.</summary>
    public bool LogToConsole { get; init; } = true;

    /// <exception cref="ArgumentException">No way to sign in, or two.</exception>
    public void Validate()
    {
        if (Oidc is null == DevelopmentKey is null)
        {
            throw new ArgumentException("The console has exactly one way to sign in: an OpenID Connect issuer, or development tokens.");
        }
    }
}

/// <summary>The console's registration with the issuer.</summary>
public sealed record OidcSettings(Uri Authority, string ClientId, string? ClientSecret);
