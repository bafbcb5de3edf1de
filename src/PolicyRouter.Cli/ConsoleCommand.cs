using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Signing;
using PolicyRouter.Redaction;
using PolicyRouter.WebConsole;

namespace PolicyRouter.Cli;

/// <summary><c>console</c>: the web console for auditors, legal and operators, until SIGTERM or Ctrl-C.</summary>
internal static class ConsoleCommand
{
    public static Command Create()
    {
        Option<bool> dev = new("--dev") { Description = "Development: sign-in with tokens of `policyrouter token`, the private database." };
        Option<string> urls = new("--urls")
        {
            Description = "Where people reach it.", HelpName = "URL", DefaultValueFactory = static _ => "http://127.0.0.1:8082",
        };
        Option<string> database = new("--database") { Description = "The database of the audit log; a read-only role is enough.", HelpName = "CONN" };
        Option<string> gateway = new("--gateway") { Description = "The control plane of a gateway: records who reads what, and knows the health of deployments.", HelpName = "URL" };
        Option<string> policies = new("--policies") { Description = "The policy folder in force.", HelpName = "DIR" };
        Command command = new(
            "console",
            "Runs the web console. Settings: Audit:ConnectionString, Policies:Path, Console:{Gateway,PolicyArchive,CheckpointKey,Authority,ClientId,ClientSecret,Scope,Resource}.")
        {
            dev, urls, database, gateway, policies,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetValue(dev) || Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") == "Development",
            result.GetRequiredValue(urls),
            result.GetValue(database),
            result.GetValue(gateway),
            result.GetValue(policies),
            result.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        bool dev, string urls, string? database, string? gateway, string? policies, TextWriter error, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables("POLICYROUTER__")
            .Build();
        database ??= configuration["Audit:ConnectionString"] ?? (dev ? LocalPostgresServer.FindRunning(DevelopmentHome.Open().DatabaseFolder) : null);
        if (string.IsNullOrWhiteSpace(database))
        {
            await error.WriteLineAsync(dev
                ? "No private database is running: start `policyrouter serve --dev` first, or name one with --database."
                : "configuration: Audit:ConnectionString must name the database of the audit log");
            return dev ? ExitCodes.ServiceUnavailable : ExitCodes.ConfigurationInvalid;
        }

        if (!AuditLogOptions.IsConnectionString(database))
        {
            await error.WriteLineAsync("configuration: Audit:ConnectionString must be written like Host=db;Database=audit;Username=console");
            return ExitCodes.ConfigurationInvalid;
        }

        var authority = configuration["Console:Authority"];
        if (!dev && !(Uri.TryCreate(authority, UriKind.Absolute, out var issuer) && issuer.Scheme == Uri.UriSchemeHttps && configuration["Console:ClientId"] is { Length: > 0 }))
        {
            await error.WriteLineAsync("configuration: Console:Authority (https) and Console:ClientId must name the issuer that signs people in");
            return ExitCodes.ConfigurationInvalid;
        }

        gateway ??= configuration["Console:Gateway"];
        Uri? controlPlane = null;
        if (gateway is null ? !dev : !Uri.TryCreate(gateway, UriKind.Absolute, out controlPlane) || controlPlane.Scheme is not ("http" or "https"))
        {
            await error.WriteLineAsync("configuration: Console:Gateway (or --gateway) must be the address of a gateway's control plane, which records who reads what");
            return ExitCodes.ConfigurationInvalid;
        }

        if (!int.TryParse(configuration["Audit:RetentionYears"] ?? "6", NumberStyles.None, CultureInfo.InvariantCulture, out var years))
        {
            await error.WriteLineAsync("configuration: Audit:RetentionYears must be a number of years");
            return ExitCodes.ConfigurationInvalid;
        }

        if (await ReadCheckpointKeysAsync(configuration["Console:CheckpointKey"], dev, error, cancellationToken) is not { } keys)
        {
            return ExitCodes.ConfigurationInvalid;
        }

        PolicyVerifier? verifier = null;
        if (configuration["Policies:VerificationKey"] is { Length: > 0 } file)
        {
            try
            {
                verifier = PolicyVerifier.FromPem(await File.ReadAllTextAsync(file, cancellationToken));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                await error.WriteLineAsync($"configuration: Policies:VerificationKey: {file} is no public key for P-256 ({failure.GetType().Name})");
                return ExitCodes.ConfigurationInvalid;
            }
        }

        using var key = dev ? DevelopmentHome.Open().OpenSigningKey() : null;
        try
        {
            await using var console = await ConsoleHost.StartAsync(
                new ConsoleSettings
                {
                    Urls = [.. urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static url => new Uri(url))],
                    ConnectionString = database,
                    Gateway = controlPlane,
                    PolicyFolder = policies ?? configuration["Policies:Path"] ?? (dev && Directory.Exists("policies") ? "policies" : null),
                    PolicyArchive = configuration["Console:PolicyArchive"],
                    PolicyOptions = PolicyOptions,
                    PolicyVerifier = verifier,
                    CheckpointKeys = keys,
                    CheckpointFolder = configuration["Audit:CheckpointFolder"] ?? (dev ? DevelopmentHome.Open().CheckpointFolder : null),
                    RetentionYears = years,
                    Oidc = dev ? null : new OidcSettings(
                        new Uri(authority!), configuration["Console:ClientId"]!, configuration["Console:ClientSecret"],
                        configuration["Console:Scope"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [], configuration["Console:Resource"]),
                    DevelopmentKey = key is null ? null : PublicHalf(key),
                    DevelopmentIssuer = DevelopmentTokens.Issuer,
                    DevelopmentAudience = DevelopmentTokens.Audience,
                },
                TimeProvider.System,
                cancellationToken);
            await error.WriteLineAsync($"Console {console.Address}{(dev ? " (development)" : "")}");
            await console.WaitForShutdownAsync(cancellationToken);
            return ExitCodes.Good;
        }
        catch (IOException failure)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.ServiceUnavailable;
        }
    }

    /// <summary>The public keys of checkpoints, from files with a semicolon between them; in development that of the development folder.</summary>
    /// <returns>Null when one cannot be read, which was said.</returns>
    private static async Task<IReadOnlyList<CheckpointKey>?> ReadCheckpointKeysAsync(string? files, bool dev, TextWriter error, CancellationToken cancellationToken)
    {
        if (dev && files is null)
        {
            return [DevelopmentHome.Open().ReadCheckpointPublicKey()];
        }

        List<CheckpointKey> keys = [];
        foreach (var file in (files ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                keys.Add(CheckpointKey.FromPem(await File.ReadAllTextAsync(file, cancellationToken)));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
            {
                await error.WriteLineAsync($"configuration: Console:CheckpointKey: {file}: {failure.Message}");
                return null;
            }
        }

        return keys;
    }

    /// <summary>For folders that are shown; nothing is sent by what they say, so plain http on loopback may stand in them.</summary>
    internal static PolicyLoadOptions PolicyOptions { get; } = new() { RedactionProfiles = RedactionProfile.Names, AllowPlainHttpOnLoopback = true };

    internal static SecurityKey PublicHalf(ECDsa key) => new ECDsaSecurityKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
}
