using System.CommandLine;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Cli;

/// <summary><c>serve</c>: the gateway, until SIGTERM or Ctrl-C.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";
    private const int Done = 0;
    private const int Unavailable = 4;
    private const int ConfigurationInvalid = 78;

    internal static Command Create()
    {
        Option<bool> dev = new("--dev") { Description = "Development: a private database, development tokens, plain http on loopback." };
        Option<string> policies = new("--policies") { Description = "The policy folder. Default: policies.", HelpName = "DIR" };
        Option<string> urls = new("--urls")
        {
            Description = "Where apps ask.", HelpName = "URL", DefaultValueFactory = static _ => "http://127.0.0.1:8080",
        };
        Option<string> controlUrls = new("--control-urls")
        {
            Description = "Where auditors, legal and operators ask.", HelpName = "URL", DefaultValueFactory = static _ => "http://127.0.0.1:8081",
        };
        Option<string> database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
        Command command = new(Name, "Runs the gateway until SIGTERM or Ctrl-C. Settings: appsettings.json, POLICYROUTER__Section__Key.")
        {
            dev, policies, urls, controlUrls, database,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            new Arguments(
                result.GetValue(dev) || Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") == "Development",
                result.GetValue(policies),
                Split(result.GetRequiredValue(urls)),
                Split(result.GetRequiredValue(controlUrls)),
                result.GetValue(database)),
            result.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Arguments arguments, TextWriter error, CancellationToken cancellationToken)
    {
        LocalPostgresServer? postgres = null;
        try
        {
            Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase);
            Set(settings, "Policies:Path", arguments.Policies);
            Set(settings, "Audit:ConnectionString", arguments.Database);
            if (arguments.Development)
            {
                postgres = await AddDevelopmentAsync(settings, cancellationToken);
            }

            await using var host = await GatewayHost.StartAsync(
                new GatewayHostOptions
                {
                    Development = arguments.Development,
                    Urls = arguments.Urls,
                    ControlUrls = arguments.ControlUrls,
                    Settings = settings,
                },
                cancellationToken);
            await host.WaitForShutdownAsync(CancellationToken.None);
            return Done;
        }
        catch (GatewayConfigurationException invalid)
        {
            foreach (var fault in invalid.Faults)
            {
                await error.WriteLineAsync($"configuration: {fault}");
            }

            return ConfigurationInvalid;
        }
        catch (Exception failure) when (failure is AuditUnavailableException or LocalPostgresException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            await error.WriteLineAsync(failure.Message);
            return Unavailable;
        }
        finally
        {
            if (postgres is not null)
            {
                await postgres.DisposeAsync();
            }
        }
    }

    /// <summary>Trusts the development key; starts a private database when none is named.</summary>
    private static async Task<LocalPostgresServer?> AddDevelopmentAsync(Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var home = DevelopmentHome.Open();
        using var key = home.OpenSigningKey();
        settings["Authentication:DevelopmentKey"] = key.ExportSubjectPublicKeyInfoPem();
        SetUnlessConfigured(settings, "Audit:SigningKey", "file:" + home.OpenCheckpointKey());
        if (settings.ContainsKey("Audit:ConnectionString") || Environment.GetEnvironmentVariable("POLICYROUTER__Audit__ConnectionString") is { Length: > 0 })
        {
            return null;
        }

        var postgres = await LocalPostgresServer.StartAsync(home.DatabaseFolder, NullLogger.Instance, cancellationToken);
        settings["Audit:ConnectionString"] = postgres.ConnectionString;
        SetUnlessConfigured(settings, "Audit:CheckpointFolder", home.CheckpointFolder);
        return postgres;
    }

    private static void SetUnlessConfigured(Dictionary<string, string?> settings, string name, string value)
    {
        if (Environment.GetEnvironmentVariable($"POLICYROUTER__{name.Replace(":", "__", StringComparison.Ordinal)}") is not { Length: > 0 })
        {
            settings[name] = value;
        }
    }

    private static void Set(Dictionary<string, string?> settings, string name, string? value)
    {
        if (value is not null)
        {
            settings[name] = value;
        }
    }

    private static string[] Split(string urls) => urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private sealed record Arguments(
        bool Development, string? Policies, IReadOnlyList<string> Urls, IReadOnlyList<string> ControlUrls, string? Database);
}
