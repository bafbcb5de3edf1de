using Microsoft.Extensions.Configuration;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Tests.Hosting;

public sealed class SettingsTests
{
    [Fact]
    public void EveryFault_IsReportedAtOnce()
    {
        var faults = FaultsOf(development: false, new()
        {
            ["Policies:Pth"] = "x",
            ["Policy:VerificationKey"] = "x",
            ["Foo"] = "x",
            ["Console:Authority"] = "x",
            ["Authentication:Authority"] = "http://issuer.example",
            ["Secrets:KeyVaultUri"] = "vault",
            ["Limits:MaxBodyBytes"] = "12",
            ["Limits:MaxConnections"] = "many",
            ["Limits:MaxInFlight"] = "0",
            ["Limits:Apps:ward:RequestPerMinute"] = "10",
            ["Limits:Apps:ward:TokensPerMinute"] = "-1",
        });

        Assert.Contains("Policies:Pth is not a setting; did you mean Policies:Path?", faults);
        Assert.Contains("Policy is not a section of the settings; there are Policies, Authentication, Audit, Secrets, Limits, Resilience, Telemetry", faults);
        Assert.Contains(faults, static fault => fault.StartsWith("Foo is not a section", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, static fault => fault.StartsWith("Console", StringComparison.Ordinal));
        Assert.Contains(faults, static fault => fault.StartsWith("Authentication:Authority must be an absolute https", StringComparison.Ordinal));
        Assert.Contains(faults, static fault => fault.StartsWith("Authentication:Audience", StringComparison.Ordinal));
        Assert.Contains(faults, static fault => fault.StartsWith("Audit:ConnectionString", StringComparison.Ordinal));
        Assert.Contains(faults, static fault => fault.StartsWith("Secrets:KeyVaultUri", StringComparison.Ordinal));
        Assert.Contains("Limits:MaxBodyBytes is 12; it must be from 1024 to 67108864", faults);
        Assert.Contains("Limits:MaxConnections must be a whole number", faults);
        Assert.Contains("Limits:MaxInFlight is 0; it must be from 1 to 1000000", faults);
        Assert.Contains("Limits:Apps:ward:RequestPerMinute is not a setting; did you mean Limits:Apps:ward:RequestsPerMinute?", faults);
        Assert.Contains("Limits:Apps:ward:TokensPerMinute is -1; it must be from 0 to 1000000000", faults);
    }

    [Theory]
    [InlineData(false, "5", "true", "Audit:RetentionYears is 5; it must be from 6 to 100")]
    [InlineData(false, "6", "perhaps", "Audit:CreatesSchema must be true or false")]
    [InlineData(false, "7", "false", null)]
    [InlineData(true, "0", "true", null)]
    public void Retention_IsSixYearsAtLeast_OutsideOfDevelopment(bool development, string years, string createsSchema, string? fault)
    {
        var faults = FaultsOf(development, new() { ["Audit:RetentionYears"] = years, ["Audit:CreatesSchema"] = createsSchema });

        Assert.Equal(fault, faults.SingleOrDefault(static found => found.StartsWith("Audit:RetentionYears", StringComparison.Ordinal) || found.StartsWith("Audit:CreatesSchema", StringComparison.Ordinal)));
    }

    [Fact]
    public void RoomForBodies_IsEnoughForOne()
    {
        var faults = FaultsOf(development: true, new()
        {
            ["Audit:ConnectionString"] = "Host=db", ["Limits:MaxBodyBytes"] = "8388608", ["Limits:MaxBodyMegabytesInFlight"] = "7",
        });

        Assert.Equal("Limits:MaxBodyMegabytesInFlight is 7, which is less than one body of Limits:MaxBodyBytes, 8388608", Assert.Single(faults));
    }

    [Fact]
    public void DevelopmentTrust_IsRefusedInProduction()
    {
        var faults = FaultsOf(development: false, new()
        {
            ["Authentication:Authority"] = "https://issuer.example",
            ["Authentication:Audience"] = "gateway",
            ["Audit:ConnectionString"] = "Host=db",
            ["Audit:PromptHashKey"] = Convert.ToBase64String(new byte[32]),
            ["Audit:SigningKey"] = "vault:audit-signing-key",
            ["Authentication:DevelopmentKey"] = "anything",
        });

        Assert.StartsWith("Authentication:DevelopmentKey", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not base64")]
    [InlineData("AAAA")]
    public void ProductionWithoutAKeyForPromptHashes_IsRefused(string? key)
    {
        var faults = FaultsOf(development: false, new()
        {
            ["Authentication:Authority"] = "https://issuer.example",
            ["Authentication:Audience"] = "gateway",
            ["Audit:ConnectionString"] = "Host=db",
            ["Audit:PromptHashKey"] = key,
            ["Audit:SigningKey"] = "vault:audit-signing-key",
        });

        Assert.StartsWith("Audit:PromptHashKey", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("file:")]
    public void ProductionWithoutAKeyForCheckpoints_IsRefused_AndItsValueIsNotRepeated(string? reference)
    {
        var faults = FaultsOf(development: false, new()
        {
            ["Authentication:Authority"] = "https://issuer.example",
            ["Authentication:Audience"] = "gateway",
            ["Audit:ConnectionString"] = "Host=db",
            ["Audit:PromptHashKey"] = Convert.ToBase64String(new byte[32]),
            ["Audit:SigningKey"] = reference,
            ["Audit:Origin"] = "has space",
        });

        Assert.Contains("Audit:Origin must name this installation, without white space and +", faults);
        Assert.StartsWith("Audit:SigningKey must say where", Assert.Single(faults, static fault => !fault.StartsWith("Audit:Origin", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(faults, static fault => fault.Contains("BEGIN", StringComparison.Ordinal));
    }

    /// <summary>Whatever is written where: faults name settings, and what they may be, and never repeat a value that is text.</summary>
    [Fact]
    public void TextOfASetting_IsNeverRepeated()
    {
        const string Secret = "hunter2-of-the-operators";
        GatewaySettings settings = new();
        var names = settings.GetType().GetProperties()
            .SelectMany(static section => section.PropertyType.GetProperties().Select(setting => $"{section.Name}:{setting.Name}"))
            .ToArray();
        Assert.Contains("Audit:ConnectionString", names);
        string[] shapes = [Secret, $"https://user:{Secret}@", $"Host=db;Password={Secret};Nonsense={Secret}", $"-----BEGIN PRIVATE KEY-----{Secret}", $"file:{Secret}", $" {Secret}+"];
        foreach (var shape in shapes)
        {
            var faults = FaultsOf(development: false, names.Append("Audit:Passwort").ToDictionary(static name => name, _ => (string?)shape));

            Assert.True(faults.Count > 15);
            Assert.DoesNotContain(faults, static fault => fault.Contains(Secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void Settings_PrintAsTheirNameOnly()
    {
        GatewaySettings settings = new();
        settings.Audit.ConnectionString = "Host=db;Password=hunter2";
        settings.Audit.PromptHashKey = "hunter2";
        object[] parts = [settings, .. settings.GetType().GetProperties().Select(section => section.GetValue(settings)!)];

        Assert.All(parts, static part => Assert.Equal(part.GetType().FullName, part.ToString()));
    }

    private static IReadOnlyList<string> FaultsOf(bool development, Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return Assert.Throws<GatewayConfigurationException>(() => GatewaySettingsReader.Read(configuration, development, ofHost: [])).Faults;
    }
}
