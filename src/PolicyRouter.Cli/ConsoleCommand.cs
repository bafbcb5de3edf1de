using System.CommandLine;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;
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
            "Runs the web console. Settings: Audit:ConnectionString, Policies:Path, Console:{Gateway,PolicyArchive,Authority,ClientId,ClientSecret,Scope,Resource}.")
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
                    LoadPolicy = LoadPolicy,
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

    /// <summary>Reads a folder to show it; nothing is sent by what it says, so plain http on loopback may stand in it.</summary>
    internal static PolicyLoadResult LoadPolicy(string folder, PolicySnapshot? before) => PolicyFolder.Load(folder, new PolicyLoadOptions
    {
        RedactionProfiles = RedactionProfile.Names, AllowPlainHttpOnLoopback = true, InForce = before,
    });

    internal static SecurityKey PublicHalf(ECDsa key) => new ECDsaSecurityKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
}
