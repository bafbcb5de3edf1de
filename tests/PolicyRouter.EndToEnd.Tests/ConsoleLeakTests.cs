using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parquet;
using PolicyRouter.Cli;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Testing;
using PolicyRouter.WebConsole;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Nothing of a prompt, no key and no token is on a page of the console, in a sum, a report or a file that somebody takes away.</summary>
public sealed class ConsoleLeakTests
{
    private const string Marker = "axolotl";
    private const string Ssn = "536-22-1847";
    private const string Period = "from=2026-01-01T00:00&to=2096-01-01T00:00";
    private const string Days = "?from=2000-01-01&to=2100-01-01";

    [Fact]
    public async Task NothingOfAPrompt_NoKey_AndNoToken_IsShownOrExported()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
            options.Settings = _ => new() { ["Authentication:Authority"] = issuer.Address.ToString(), ["Authentication:Audience"] = "https://gateway.example" });
        var (redacted, refused) = await PutThroughAsync(gateway);
        await using var console = await StartConsoleAsync(gateway, issuer);
        using SignInBrowser browser = new(console.Address);

        List<(string Where, string Text)> seen = [.. await PagesAsync(console, browser, redacted, refused), .. await FilesAsync(browser), .. await ControlPlaneAsync(gateway, redacted)];

        // What there is to see is there: a page that shows nothing leaks nothing.
        foreach (var expected in new[] { "/decisions", "/export csv", "/export ndjson", "/api/export?format=ndjson", "/api/export?format=parquet", "/api/export?format=csv" })
        {
            Assert.True(
                seen.Exists(one => one.Where.StartsWith(expected, StringComparison.Ordinal) && one.Text.Contains(redacted.ToString(), StringComparison.Ordinal)),
                $"{expected}: {string.Join('\n', seen.Where(one => one.Where.StartsWith(expected, StringComparison.Ordinal)))}");
        }

        Assert.Contains(seen, static one => one.Where.StartsWith("/report/download", StringComparison.Ordinal) && one.Text.Contains("purpose_not_allowed", StringComparison.Ordinal));
        Assert.Contains(seen, static one => one.Where.StartsWith("/decisions", StringComparison.Ordinal) && one.Text.Contains("1 × ", StringComparison.Ordinal));
        var tokens = issuer.AccessTokens.Append(gateway.Token("app")).Append(gateway.Token("auditor")).Append(gateway.Token("operator"));
        string[] secrets = [Marker, Ssn, "536221847", OidcIssuer.ClientSecret, .. tokens, .. gateway.Fleet.Providers.Select(static provider => provider.Credential!)];
        Assert.All(seen, one => Assert.All(secrets, secret => Assert.False(one.Text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{one.Where} shows {secret}")));
    }

    /// <summary>Requests with the marks in the prompt, in the answer, in what a caller may say beside it, and in failures.</summary>
    private static async Task<(Guid Redacted, Guid Refused)> PutThroughAsync(GatewayUnderTest gateway)
    {
        var prompt = $"The {Marker} of the patient with SSN {Ssn}.";
        var redacted = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt), purpose: "payment");
        Assert.Equal(HttpStatusCode.OK, redacted.Status);
        Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt, stream: true))).Status);
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Behave(Fault.Forbidden);
        }

        var failed = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt));
        Assert.True((int)failed.Status >= 500, failed.Body);
        var marked = $"{Marker} {Ssn}";
        var refused = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt), purpose: marked);
        Reply[] others =
        [
            await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt), purpose: "marketing"), await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt), dataClass: marked),
            await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt), subjects: marked), await gateway.AskAsync(GatewayUnderTest.Chat(marked, prompt)),
        ];
        Assert.All(others.Append(refused), static reply => Assert.True((int)reply.Status >= 400, reply.Body));
        await gateway.OutcomeOfAsync(redacted.DecisionId);
        await gateway.OutcomeOfAsync(failed.DecisionId);
        return (redacted.DecisionId, refused.DecisionId);
    }

    private static Task<ConsoleHost> StartConsoleAsync(GatewayUnderTest gateway, OidcIssuer issuer) => ConsoleHost.StartAsync(
        new ConsoleSettings
        {
            Urls = [new Uri("http://127.0.0.1:0")],
            ConnectionString = gateway.Stack.ConnectionString,
            LogToConsole = false,
            Gateway = gateway.ControlPlane,
            PolicyFolder = gateway.Stack.Policies,
            PolicyOptions = ConsoleCommand.PolicyOptions,
            CheckpointKeys = [gateway.Stack.Home.ReadCheckpointPublicKey()],
            CheckpointFolder = gateway.Stack.Home.CheckpointFolder,
            Oidc = new OidcSettings(issuer.Address, OidcIssuer.ClientId, OidcIssuer.ClientSecret, [], "https://gateway.example"),
        },
        TimeProvider.System,
        CancellationToken.None);

    /// <summary>Every page that the running console lists, for each of the requests, and the searches, periods and files that have addresses.</summary>
    private static async Task<List<(string Where, string Text)>> PagesAsync(ConsoleHost console, SignInBrowser browser, Guid redacted, Guid refused)
    {
        var listed = console.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") is not false)
            .Select(static endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')).Distinct().ToList();
        Assert.Contains("/report", listed);
        string[] addresses =
        [
            .. listed.Where(static address => !address.Contains('{', StringComparison.Ordinal)), $"/decisions/{redacted}", $"/decisions/{refused}", $"/decisions/{redacted}?policy=policies",
            "/?last=all", "/?last=all&text=outcome%3Adeny", $"/report?{Period}", $"/report/download?format=markdown&{Period}", $"/report/download?format=html&{Period}", "/policies/impact?policy=policies",
        ];
        List<(string, string)> seen = [];
        foreach (var address in addresses)
        {
            using var page = await browser.OpenAsync(address);
            seen.Add((address, WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync())));
            seen.Add(($"{address} headers", page.Headers.ToString() + page.Content.Headers));
        }

        return seen;
    }

    private static async Task<List<(string Where, string Text)>> FilesAsync(SignInBrowser browser)
    {
        List<(string, string)> seen = [];
        foreach (var format in new[] { "csv", "ndjson" })
        {
            using var file = await browser.SubmitAsync("/", "/export", ("format", format), ("query", "?last=all"));
            Assert.Equal("attachment", file.Content.Headers.ContentDisposition?.DispositionType);
            seen.Add(($"/export {format}", await file.Content.ReadAsStringAsync()));
        }

        return seen;
    }

    private static async Task<List<(string Where, string Text)>> ControlPlaneAsync(GatewayUnderTest gateway, Guid redacted)
    {
        List<(string, string)> seen = [];
        // The sums follow the log.
        await Eventually.HoldsAsync(async () =>
            (await gateway.ControlAsync("/api/disclosures" + Days, "auditor")).Body.Contains("end-to-end", StringComparison.Ordinal)
            && (await gateway.ControlAsync("/api/usage" + Days, "auditor")).Body.Contains("end-to-end", StringComparison.Ordinal));

        foreach (var path in new[]
        {
            "/api/disclosures" + Days, "/api/usage" + Days, "/api/decisions", $"/api/decisions/{redacted}", $"/api/decisions/{redacted}/proof", "/api/export?format=csv", "/api/export?format=ndjson",
        })
        {
            var reply = await gateway.ControlAsync(path, "auditor");
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            seen.Add((path, reply.Body));
        }

        foreach (var path in new[] { "/metrics", "/api/deployments" })
        {
            seen.Add((path, (await gateway.ControlAsync(path, "operator")).Body));
        }

        seen.Add(("/api/export?format=parquet", await ParquetAsync(gateway)));
        return seen;
    }

    /// <summary>Every text of a Parquet file, whose bytes are packed.</summary>
    private static async Task<string> ParquetAsync(GatewayUnderTest gateway)
    {
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(gateway.ControlPlane, "/api/export?format=parquet"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token("auditor"));
        using var answer = await http.SendAsync(request);
        using MemoryStream file = new(await answer.Content.ReadAsByteArrayAsync());
        await using var reader = await ParquetReader.CreateAsync(file);
        StringBuilder texts = new();
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            foreach (var field in reader.Schema.DataFields.Where(static field => field.Name is not ("epoch" or "index")))
            {
                var column = new string[rows.RowCount];
                await rows.ReadAsync(field, column);
                texts.AppendJoin('\n', column).Append('\n');
            }
        }

        return texts.ToString();
    }
}
