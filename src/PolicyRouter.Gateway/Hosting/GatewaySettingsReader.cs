using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>Binds the settings and finds every fault in them, with the setting's name and what would mend it.</summary>
internal static class GatewaySettingsReader
{
    /// <summary>The console's section of the same file.</summary>
    private const string Console = "Console";

    /// <param name="configuration">All of it.</param>
    /// <param name="development">Whether what is refused in Production may be.</param>
    /// <param name="ofHost">Names at the top that the host itself has put there.</param>
    /// <exception cref="GatewayConfigurationException">At least one fault.</exception>
    public static GatewaySettings Read(IConfiguration configuration, bool development, IReadOnlyCollection<string> ofHost)
    {
        List<string> faults = [];
        GatewaySettings settings = new();
        List<(string Name, object Section)> sections = [.. Sections(settings)];
        foreach (var (name, section) in sections)
        {
            Bind(configuration.GetSection(name), section, faults);
        }

        // A setting of a section that nobody reads would be left out in silence: a check of signatures, a limit.
        string[] names = [.. sections.Select(static section => section.Name)];
        foreach (var unknown in configuration.GetChildren().Select(static child => child.Key).Except([.. names, Console, .. ofHost], StringComparer.OrdinalIgnoreCase))
        {
            faults.Add($"{unknown} is not a section of the settings; there are {string.Join(", ", names)}");
        }

        Check(settings, development, faults);
        return faults.Count == 0 ? settings : throw new GatewayConfigurationException(faults);
    }

    private static IEnumerable<(string Name, object Section)> Sections(GatewaySettings settings) =>
    [
        ("Policies", settings.Policies), ("Authentication", settings.Authentication), ("Audit", settings.Audit),
        ("Secrets", settings.Secrets), ("Limits", settings.Limits), ("Resilience", settings.Resilience), ("Telemetry", settings.Telemetry),
    ];

    private static void Bind(IConfigurationSection configured, object section, List<string> faults)
    {
        var properties = section.GetType().GetProperties();
        foreach (var value in configured.GetChildren())
        {
            var property = Array.Find(properties, candidate => candidate.Name.Equals(value.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                var nearest = NearestWord.To(value.Key, properties.Select(static candidate => candidate.Name));
                faults.Add($"{value.Path} is not a setting{(nearest is null ? "" : $"; did you mean {configured.Path}:{nearest}?")}");
            }
            else if (property.GetValue(section) is Dictionary<string, AppLimitsSettings> apps)
            {
                foreach (var app in value.GetChildren())
                {
                    AppLimitsSettings limits = new();
                    Bind(app, limits, faults);
                    apps[app.Key] = limits;
                }
            }
            else if (property.PropertyType == typeof(string))
            {
                property.SetValue(section, value.Value);
            }
            else if (property.PropertyType == typeof(bool))
            {
                if (bool.TryParse(value.Value, out var flag))
                {
                    property.SetValue(section, flag);
                }
                else
                {
                    faults.Add($"{value.Path} must be true or false");
                }
            }
            else if (int.TryParse(value.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
            {
                property.SetValue(section, number);
            }
            else
            {
                faults.Add($"{value.Path} must be a whole number");
            }
        }
    }

    private static void Check(GatewaySettings settings, bool development, List<string> faults)
    {
        var authentication = settings.Authentication;
        if (string.IsNullOrWhiteSpace(settings.Policies.Path))
        {
            faults.Add("Policies:Path must name the policy folder");
        }

        if (settings.Policies.VerificationKey is { } verificationKey && !VerificationKeyFile.IsReadable(verificationKey))
        {
            faults.Add("Policies:VerificationKey must name a PEM file with a P-256 public key");
        }

        if (settings.Policies.MaxAgeHours is { } maxAge)
        {
            CheckRange("Policies:MaxAgeHours", maxAge, 1, 8_760, faults);
        }

        if (string.IsNullOrWhiteSpace(settings.Audit.ConnectionString))
        {
            faults.Add("Audit:ConnectionString must name the database of the audit log");
        }
        else if (!AuditLogOptions.IsConnectionString(settings.Audit.ConnectionString))
        {
            faults.Add("Audit:ConnectionString must be written like Host=db;Database=audit;Username=gateway");
        }

        if (string.IsNullOrWhiteSpace(settings.Audit.Shard))
        {
            faults.Add("Audit:Shard must name this process's shard");
        }

        if (settings.Audit.PromptHashKey is { } hashKey ? !PromptHashKey.IsValid(hashKey) : !development)
        {
            faults.Add("Audit:PromptHashKey must be base64 of at least 32 random bytes");
        }

        if (settings.Audit.PromptHashKeyId is not { Length: > 0 } keyId || keyId.Contains(':', StringComparison.Ordinal))
        {
            faults.Add("Audit:PromptHashKeyId must name the key of the prompt hashes, without a colon");
        }

        if (settings.Audit.SigningKey is { } signingKey ? !SecretSources.IsReference(signingKey) : !development)
        {
            // Not echoed: somebody may have written the key itself where its reference belongs.
            faults.Add("Audit:SigningKey must say where the key is that signs the log's checkpoints: vault:NAME, env:NAME or file:PATH");
        }

        CheckRange("Audit:RetentionYears", settings.Audit.RetentionYears, development ? 0 : RetentionPeriod.LeastYears, 100, faults);
        if (!AuditLogOptions.IsOrigin(settings.Audit.Origin))
        {
            faults.Add("Audit:Origin must name this installation, without white space and +");
        }

        if (authentication.Authority is null && !development)
        {
            faults.Add("Authentication:Authority must name the token issuer (https)");
        }

        if (authentication.Authority is { } authority && !IsHttps(authority, development))
        {
            faults.Add("Authentication:Authority must be an absolute https address");
        }

        if (authentication.Authority is not null && string.IsNullOrWhiteSpace(authentication.Audience))
        {
            faults.Add("Authentication:Audience must name the audience of the tokens");
        }

        CheckDevelopmentKey(authentication.DevelopmentKey, development, faults);
        if (settings.Secrets.KeyVaultUri is { } vault && !IsHttps(vault, development: false))
        {
            faults.Add("Secrets:KeyVaultUri must be an absolute https address");
        }

        if (settings.Telemetry.OtlpEndpoint is { } collector && !IsHttps(collector, development: true))
        {
            faults.Add("Telemetry:OtlpEndpoint must be an absolute https address, or http on this machine");
        }

        CheckLimits(settings.Limits, faults);
        CheckRange("Resilience:ProbeSeconds", settings.Resilience.ProbeSeconds, 0, 86_400, faults);
    }

    private static void CheckDevelopmentKey(string? pem, bool development, List<string> faults)
    {
        if (pem is null)
        {
            return;
        }

        if (!development)
        {
            faults.Add("Authentication:DevelopmentKey trusts development tokens, which Production refuses; remove it or run with --dev");
            return;
        }

        try
        {
            using DevelopmentTrust trust = new(pem);
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            faults.Add("Authentication:DevelopmentKey must be a PEM public key");
        }
    }

    private static void CheckLimits(LimitsSettings limits, List<string> faults)
    {
        CheckRange("Limits:MaxBodyBytes", limits.MaxBodyBytes, 1_024, 64 * 1_048_576, faults);
        CheckRange("Limits:RequestDeadlineSeconds", limits.RequestDeadlineSeconds, 1, 3_600, faults);
        CheckRange("Limits:MaxConnections", limits.MaxConnections, 1, 1_000_000, faults);
        CheckRange("Limits:MaxInFlight", limits.MaxInFlight, 1, 1_000_000, faults);
        CheckRange("Limits:MaxInFlightPerDeployment", limits.MaxInFlightPerDeployment, 1, 1_000_000, faults);
        CheckRange("Limits:MaxBodyMegabytesInFlight", limits.MaxBodyMegabytesInFlight, 1, 1_000_000, faults);
        if (limits.MaxBodyMegabytesInFlight * 1_048_576L < limits.MaxBodyBytes)
        {
            faults.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Limits:MaxBodyMegabytesInFlight is {limits.MaxBodyMegabytesInFlight}, which is less than one body of Limits:MaxBodyBytes, {limits.MaxBodyBytes}"));
        }

        CheckApp("Limits:", "PerApp", limits.MaxInFlightPerApp, limits.RequestsPerMinutePerApp, limits.TokensPerMinutePerApp, faults);
        foreach (var (app, own) in limits.Apps)
        {
            CheckApp($"Limits:Apps:{app}:", "", own.MaxInFlight ?? 0, own.RequestsPerMinute ?? 0, own.TokensPerMinute ?? 0, faults);
        }

        CheckRange("Limits:DrainSeconds", limits.DrainSeconds ?? 0, 0, 3_600, faults);
        CheckRange("Limits:ShutdownSeconds", limits.ShutdownSeconds, 1, 7_200, faults);
    }

    private static void CheckApp(string section, string ending, int inFlight, int requests, int tokens, List<string> faults)
    {
        CheckRange($"{section}MaxInFlight{ending}", inFlight, 0, 1_000_000, faults);
        CheckRange($"{section}RequestsPerMinute{ending}", requests, 0, 1_000_000_000, faults);
        CheckRange($"{section}TokensPerMinute{ending}", tokens, 0, 1_000_000_000, faults);
    }

    private static void CheckRange(string name, int value, int least, int most, List<string> faults)
    {
        if (value < least || value > most)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be from {least} to {most}"));
        }
    }

    private static bool IsHttps(string text, bool development) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (development && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
}
