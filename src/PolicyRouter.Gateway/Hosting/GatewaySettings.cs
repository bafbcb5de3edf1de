using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Retention;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>All settings, with their defaults. Read once, checked together, before anything starts.</summary>
public sealed class GatewaySettings
{
    public PoliciesSettings Policies { get; set; } = new();
    public AuthenticationSettings Authentication { get; set; } = new();
    public AuditSettings Audit { get; set; } = new();
    public SecretsSettings Secrets { get; set; } = new();
    public LimitsSettings Limits { get; set; } = new();
    public ResilienceSettings Resilience { get; set; } = new();
    public TelemetrySettings Telemetry { get; set; } = new();
}

public sealed class TelemetrySettings
{
    /// <summary>Base address of an OpenTelemetry collector that takes OTLP over HTTP, for metrics and traces; http only on loopback. Without it none are sent.</summary>
    public string? OtlpEndpoint { get; set; }
}

public sealed class ResilienceSettings
{
    /// <summary>Seconds between probes of a deployment that nobody uses, or that is ejected. Default 0: no probes. They are real requests, which providers bill.</summary>
    public int ProbeSeconds { get; set; }
}

public sealed class PoliciesSettings
{
    /// <summary>The policy folder. Default <c>policies</c> under the current folder.</summary>
    public string Path { get; set; } = "policies";

    /// <summary>A PEM file with the P-256 public key whose signature the folder must carry. Without it unsigned folders are taken.</summary>
    public string? VerificationKey { get; set; }

    /// <summary>
    /// Hours after which a snapshot that nobody could confirm (the folder is gone, or faulty) denies everything but public and internal data. Default: never.
    /// </summary>
    public int? MaxAgeHours { get; set; }
}

public sealed class AuthenticationSettings
{
    /// <summary>Base address of the OpenID Connect issuer, https. Required in Production.</summary>
    public string? Authority { get; set; }

    /// <summary>The <c>aud</c> that tokens must carry. Required with <see cref="Authority"/>.</summary>
    public string? Audience { get; set; }

    /// <summary>PEM public key whose tokens are trusted in development. Refused in Production.</summary>
    public string? DevelopmentKey { get; set; }
}

public sealed class AuditSettings
{
    /// <summary>Npgsql connection string of the log's database.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>This writer's shard; two processes must not share one. Default: the machine's name.</summary>
    public string Shard { get; set; } = Environment.MachineName;

    /// <summary>Base64 of at least 32 random bytes: the key of the prompt hashes in the log. Required in Production; development makes one.</summary>
    public string? PromptHashKey { get; set; }

    /// <summary>Names that key in every hash, so that it can be rotated. Default <c>1</c>.</summary>
    public string PromptHashKeyId { get; set; } = "1";

    /// <summary>
    /// Where the Ed25519 key lies that signs the log's checkpoints: <c>vault:NAME</c>, <c>env:NAME</c> or <c>file:PATH</c>, a PEM private key. Required in Production.
    /// </summary>
    public string? SigningKey { get; set; }

    /// <summary>Keeps the signed checkpoints outside of the database, where its administrators cannot write. Without it a rolled-back database is not noticed at the start.</summary>
    public string? CheckpointFolder { get; set; }

    /// <summary>Years that events are kept before `audit retire` may take them out of the database; less than 6 in development only. Default 6.</summary>
    public int RetentionYears { get; set; } = RetentionPeriod.LeastYears;

    /// <summary>Creates or changes the log's tables at the start; false for a role that may only add to them. Default true.</summary>
    public bool CreatesSchema { get; set; } = true;

    /// <summary>Takes part in keeping the sums of usage and disclosures that follow the log; of all nodes that do, one keeps them. Default true.</summary>
    public bool Projections { get; set; } = true;

    /// <summary>Begins the names of the logs in checkpoints; one per installation. Default <c>policyrouter</c>.</summary>
    public string Origin { get; set; } = AuditLogOptions.DefaultOrigin;
}

public sealed class SecretsSettings
{
    /// <summary><c>https://NAME.vault.azure.net/</c>; without it <c>vault:</c> references fail.</summary>
    public string? KeyVaultUri { get; set; }
}

/// <summary>Limits of one app. 0 is no limit; null is what holds for all.</summary>
public sealed class AppLimitsSettings
{
    public int? MaxInFlight { get; set; }
    public int? RequestsPerMinute { get; set; }
    public int? TokensPerMinute { get; set; }
}

public sealed class LimitsSettings
{
    /// <summary>Largest request body, in bytes. Larger ones get 413 before they are read. Default 4 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 4 * 1_048_576;

    /// <summary>Seconds from admission to the first byte of an answer, all attempts together. Default 300.</summary>
    public int RequestDeadlineSeconds { get; set; } = 300;

    /// <summary>Connections at once per process. Default 10,000.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>
    /// Requests of the data plane at once. Callers of low priority may have half of them, those of normal priority and below nine tenths. More get 503 <c>overloaded</c> before their
    /// body is read. Default 1,000.
    /// </summary>
    public int MaxInFlight { get; set; } = 1_000;

    /// <summary>Requests at once of one app; more get 429. 0 is no limit. Default 500.</summary>
    public int MaxInFlightPerApp { get; set; } = 500;

    /// <summary>Attempts at once at one deployment, unless <c>endpoints.yaml</c> says otherwise; more go to the next permitted one. Default 500.</summary>
    public int MaxInFlightPerDeployment { get; set; } = 500;

    /// <summary>Megabytes (MiB) that the bodies of all requests in flight may have together; more get 503 <c>overloaded</c>. Default 256.</summary>
    public int MaxBodyMegabytesInFlight { get; set; } = 256;

    /// <summary>Requests a minute of one app, on this node; more get 429. 0, the default, is no limit.</summary>
    public int RequestsPerMinutePerApp { get; set; }

    /// <summary>Tokens a minute of one app, on this node, of prompts and answers together; more get 429. 0, the default, is no limit.</summary>
    public int TokensPerMinutePerApp { get; set; }

    /// <summary>Limits of single apps, by the <c>sub</c> of their tokens: <c>Limits:Apps:NAME:RequestsPerMinute</c>. What one does not say is as for all.</summary>
    public Dictionary<string, AppLimitsSettings> Apps { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Seconds between failing readiness and closing the listeners. Default 10 in Production, 0 in development.</summary>
    public int? DrainSeconds { get; set; }

    /// <summary>Seconds running requests may take to end after that; longer than the longest stream. Default 330.</summary>
    public int ShutdownSeconds { get; set; } = 330;
}
