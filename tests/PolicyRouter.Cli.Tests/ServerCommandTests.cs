using System.Text.Json;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Testing;
using PolicyRouter.WebConsole;

namespace PolicyRouter.Cli.Tests;

public class ServerCommandTests
{
    [Fact]
    public async Task Serve_InProductionWithoutConfiguration_NamesEveryFault_AndExitsWith78()
    {
        var result = await CommandLine.RunAsync(["serve"]);

        Assert.Equal(78, result.ExitCode);
        Assert.Contains("Audit:ConnectionString", result.Error, StringComparison.Ordinal);
        Assert.Contains("Audit:PromptHashKey", result.Error, StringComparison.Ordinal);
        Assert.Contains("Authentication:Authority", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_WithAnAbsentDatabase_ExitsWith4()
    {
        var home = TestFolder.Create("home");

        var result = await CommandLine.RunAsync(
            ["serve", "--dev", "--urls", "http://127.0.0.1:0", "--control-urls", "http://127.0.0.1:0", "--database", "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=2"],
            environment: new Dictionary<string, string> { ["POLICYROUTER_HOME"] = home });
        Directory.Delete(home, recursive: true);

        Assert.Equal(4, result.ExitCode);
        Assert.NotEmpty(result.Error);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=nobody;Password=SECRET;Database=none;Timeout=2")]
    [InlineData("Host=127.0.0.1;Passwort=SECRET")]
    [InlineData("Host=127.0.0.1;Port=SECRET")]
    [InlineData("postgres://nobody:SECRET@127.0.0.1:1/none")]
    [InlineData("SECRET")]
    public async Task Serve_ThatCannotStart_DoesNotPrintItsDatabasesPassword(string connection)
    {
        const string Secret = "hunter2-of-the-operators";
        var home = TestFolder.Create("home");

        var result = await CommandLine.RunAsync(
            ["serve", "--dev", "--urls", "http://127.0.0.1:0", "--control-urls", "http://127.0.0.1:0", "--database", connection.Replace("SECRET", Secret, StringComparison.Ordinal)],
            environment: new Dictionary<string, string> { ["POLICYROUTER_HOME"] = home });
        Directory.Delete(home, recursive: true);

        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain(Secret, result.Error + result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("console", "--dev")]
    [InlineData("audit", "prepare")]
    [InlineData("audit", "verify")]
    [InlineData("audit", "query")]
    public async Task VerbThatCannotReadItsConnectionString_DoesNotPrintIt(params string[] verb)
    {
        var result = await CommandLine.RunAsync([.. verb, "--database", "Host=127.0.0.1;Port=hunter2-of-the-operators"]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain("hunter2", result.Error + result.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void SettingsWithSecrets_PrintWithoutThem()
    {
        const string Secret = "hunter2-of-the-operators";
        OidcSettings oidc = new(new Uri("https://issuer.example"), "console", Secret, [], null);
        object[] settings =
        [
            oidc,
            new ConsoleSettings { Urls = [], ConnectionString = Secret, Oidc = oidc },
            new AuditLogOptions { ConnectionString = Secret, Shard = "one" },
            new GatewayHostOptions { Settings = new Dictionary<string, string?> { ["Audit:ConnectionString"] = Secret } },
        ];

        Assert.All(settings, static one => Assert.DoesNotContain(Secret, one.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Console_InProductionWithoutAnIssuer_ExitsWith78()
    {
        var result = await CommandLine.RunAsync(["console", "--database", "Host=127.0.0.1"]);

        Assert.Equal(78, result.ExitCode);
        Assert.Contains("Console:Authority", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_InProductionWithoutAGateway_ExitsWith78()
    {
        var result = await CommandLine.RunAsync(
            ["console", "--database", "Host=127.0.0.1"],
            environment: new Dictionary<string, string> { ["POLICYROUTER__Console__Authority"] = "https://issuer.example", ["POLICYROUTER__Console__ClientId"] = "console" });

        Assert.Equal(78, result.ExitCode);
        Assert.Contains("Console:Gateway", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_IsThreeParts_AndItsKeyIsReadableByItsOwnerOnly()
    {
        var home = TestFolder.Create("home");
        Dictionary<string, string> environment = new() { ["POLICYROUTER_HOME"] = home };

        var result = await CommandLine.RunAsync(["token", "--app", "ward", "--role", "app", "--floor", "phi", "--json"], environment: environment);
        var wrongRole = await CommandLine.RunAsync(["token", "--app", "ward", "--role", "king"], environment: environment);
        var key = Directory.EnumerateFiles(home, "*.pem").Single();
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(key);
        Directory.Delete(home, recursive: true);

        Assert.Equal(0, result.ExitCode);
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal(3, json.RootElement.GetProperty("token").GetString()!.Split('.').Length);
        Assert.Equal(2, wrongRole.ExitCode);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        }
    }

    [Theory]
    [InlineData("no-such-verb")]
    [InlineData("sim")]
    [InlineData("policy", "explain", "--no-such-flag")]
    public async Task WrongUsage_ExitsWith2(params string[] arguments)
    {
        var result = await CommandLine.RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.NotEmpty(result.Error);
    }

    [Fact]
    public async Task Sim_WithAFleetThatCannotBeRead_ExitsWith3()
    {
        var result = await CommandLine.RunAsync(["sim", "--fleet", "no-such-file.json"]);

        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("serve")]
    [InlineData("console")]
    [InlineData("policy")]
    [InlineData("redact")]
    [InlineData("audit")]
    [InlineData("token")]
    [InlineData("sim")]
    public async Task EveryVerb_ExplainsItself(string verb)
    {
        var result = await CommandLine.RunAsync([verb, "--help"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
    }
}
