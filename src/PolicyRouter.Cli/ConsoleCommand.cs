using System.CommandLine;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Gateway.Callers;
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
        Command command = new("console", "Runs the web console. Settings: Audit:ConnectionString, Console:{Authority,ClientId,ClientSecret}.")
        {
            dev, urls, database,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetValue(dev) || Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") == "Development",
            result.GetRequiredValue(urls),
            result.GetValue(database),
            result.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool dev, string urls, string? database, TextWriter error, CancellationToken cancellationToken)
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

        using var key = dev ? DevelopmentHome.Open().OpenSigningKey() : null;
        try
        {
            await using var console = await ConsoleHost.StartAsync(
                new ConsoleSettings
                {
                    Urls = [.. urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static url => new Uri(url))],
                    ConnectionString = database,
                    Oidc = dev ? null : new OidcSettings(new Uri(authority!), configuration["Console:ClientId"]!, configuration["Console:ClientSecret"]),
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

    internal static SecurityKey PublicHalf(ECDsa key) => new ECDsaSecurityKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
}
