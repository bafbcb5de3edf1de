using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Testing;
using static System.Net.HttpStatusCode;

namespace PolicyRouter.EndToEnd.Tests.Control;

/// <summary>
/// Every address that the running gateway lists beside the data plane, as nobody and as each role, for people of the tenant that is asked for, of another, and of none. What is another tenant's is not
/// there.
/// </summary>
public sealed class ControlPlaneMatrixTests
{
    private const string North = "north";
    private const string South = "south";
    private const string Reason = """{"reason":"tried by the matrix"}""";

    private static readonly string[] Anyone = ["", "app", "auditor", "legal", "operator"];
    private static readonly string[] Auditors = ["auditor"];
    private static readonly string[] Legal = ["legal"];
    private static readonly string[] LegalOrAuditors = ["legal", "auditor"];
    private static readonly string[] Readers = ["auditor", "legal", "operator"];
    private static readonly string[] Operators = ["operator"];

    // What each address is opened for, and what it then answers. An address that is missing here fails the test.
    private static readonly Dictionary<string, Expected> Matrix = new(StringComparer.Ordinal)
    {
        ["GET /livez"] = new(Anyone) { AsksForNoToken = true },
        ["GET /readyz"] = new(Anyone) { AsksForNoToken = true },
        ["GET /startupz"] = new(Anyone) { AsksForNoToken = true },
        ["GET /openapi/{documentName}.json"] = new(Anyone) { AsksForNoToken = true },
        ["* /metrics"] = new(Operators),
        ["GET /api/decisions"] = new(Auditors) { Tells = true },
        ["GET /api/decisions/{id:guid}"] = new(Auditors) { Other = NotFound, Tells = true },
        ["GET /api/decisions/{id:guid}/proof"] = new(Auditors) { Other = NotFound, Tells = true },
        ["GET /api/usage"] = new(Auditors) { Query = "?from=2000-01-01&to=2100-01-01", Tells = true },
        ["GET /api/disclosures"] = new(Auditors) { Query = "?from=2000-01-01&to=2100-01-01", Tells = true },
        ["GET /api/checkpoints"] = new(Auditors),
        // An export is of every tenant, so that a person of one has none.
        ["GET /api/export"] = new(Auditors) { Query = "?format=ndjson", Own = Forbidden, Other = Forbidden, Tells = true },
        ["POST /api/reads"] = new(Readers) { Body = static _ => """{"query":"tried by the matrix","rows":0}""", Own = NoContent, Other = NoContent, None = NoContent },
        ["GET /api/policy"] = new(LegalOrAuditors),
        ["GET /api/policy/versions"] = new(LegalOrAuditors),
        ["GET /api/policy/versions/{hash}"] = new(LegalOrAuditors),
        // The tenant is in the body: to name another tells nothing of whether there is one.
        ["POST /api/policy/evaluate"] = new(Legal) { Body = static _ => """{"data":["phi"],"subjects":["us"],"purpose":"treatment","tenant":"north"}""", Other = Forbidden },
        ["POST /api/policy/impact"] = new(Legal) { Body = static log => log.Draft, Tells = true },
        // Deployments are of no tenant: all operators see them, and one of a tenant does not switch them for the others.
        ["GET /api/deployments"] = new(Operators),
        ["POST /api/deployments/{id}/suspend"] = new(Operators) { Body = static _ => Reason, Own = Forbidden, Other = Forbidden },
        ["POST /api/deployments/{id}/resume"] = new(Operators) { Body = static _ => Reason, Own = Forbidden, Other = Forbidden },
    };

    [Fact]
    public async Task EveryAddress_AnswersEachRoleOfEachTenantAsWritten_AndTellsNobodyOfAnotherTenant()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        var log = await FillAsync(gateway);
        var addresses = AddressesOf(gateway);
        Assert.Empty(addresses.Except(Matrix.Keys));
        Assert.Empty(Matrix.Keys.Except(addresses));
        // The sums follow the log.
        foreach (var sums in (string[])["GET /api/usage", "GET /api/disclosures"])
        {
            await SumsAsync(gateway, http, log, sums);
        }

        List<string> faults = [];
        foreach (var address in addresses)
        {
            var expected = Matrix[address];
            var (stranger, _) = await AskAsync(gateway, http, log, address, null);
            Check(stranger == (expected.AsksForNoToken ? OK : Unauthorized), $"{address} without a token: {stranger}");
            foreach (var role in Anyone)
            {
                foreach (var tenant in (string[])[North, South, ""])
                {
                    var (status, body) = await AskAsync(gateway, http, log, address, Token(gateway, role, tenant));
                    var wanted = !expected.Opens.Contains(role) ? Forbidden : tenant switch { North => expected.Own, South => expected.Other, _ => expected.None };
                    Check(status == wanted, $"{address} as '{role}' of '{tenant}': {status}, not {wanted}");
                    var isTold = expected.Tells && wanted == OK;
                    Check(log.North.IsIn(body) == (isTold && tenant != South), $"{address} as '{role}' of '{tenant}' about north: {body}");
                    // One request is asked for by its id; the others give all that the reader may see.
                    Check(log.South.IsIn(body) == (isTold && tenant != North && !address.Contains("{id", StringComparison.Ordinal)), $"{address} as '{role}' of '{tenant}' about south: {body}");
                }
            }
        }

        Assert.Empty(faults);

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }

    [Theory]
    [InlineData("/api/decisions/{0}")]
    [InlineData("/api/decisions/{0}/proof")]
    public async Task AnothersRequest_IsAnsweredAsOneThatDoesNotExist(string address)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        var log = await FillAsync(gateway);
        var unknown = Guid.CreateVersion7();
        List<string> answers = [];
        foreach (var id in (Guid[])[log.North.Request, unknown])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(gateway.ControlPlane, string.Format(System.Globalization.CultureInfo.InvariantCulture, address, id)));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(gateway, "auditor", South));
            using var answer = await http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            answers.Add($"{answer.StatusCode} {body.Replace(answer.Headers.GetValues("x-request-id").Single(), "", StringComparison.Ordinal)}");
        }

        Assert.StartsWith(nameof(NotFound), answers[0], StringComparison.Ordinal);
        Assert.Equal(answers[1], answers[0]);
    }

    /// <summary>As the gateway's router has them: <c>GET /api/decisions</c>; <c>*</c> where any method will do.</summary>
    private static string[] AddressesOf(GatewayUnderTest gateway) =>
    [
        .. gateway.Stack.Gateway.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).Cast<RouteEndpoint>()
            .Where(static endpoint => !endpoint.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal))
            .SelectMany(static endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(method => $"{method} {endpoint.RoutePattern.RawText}")),
    ];

    private static async Task<Log> FillAsync(GatewayUnderTest gateway)
    {
        var north = await AskAsync(North);
        var south = await AskAsync(South);
        var version = north.Headers["X-Policy-Version"];
        return new Log(new(north.DecisionId, AppOf(North)), new(south.DecisionId, AppOf(South)), version, DraftOf(gateway.Stack.Policies));

        async Task<Reply> AskAsync(string tenant)
        {
            var token = gateway.Stack.Token(new Caller { App = AppOf(tenant), Tenant = tenant, Roles = ["app"] });
            var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise the chart."), headers: ("Authorization", $"Bearer {token}"));
            Assert.Equal(OK, reply.Status);
            await gateway.OutcomeOfAsync(reply.DecisionId);
            return reply;
        }
    }

    private static string AppOf(string tenant) => $"app-of-the-{tenant}";

    /// <summary>The policy in force, none of whose permits about health counts: what was permitted would be no more.</summary>
    private static string DraftOf(string policies) => JsonSerializer.Serialize(new
    {
        files = Directory.EnumerateFiles(policies, "*.yaml", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(policies, file),
            static file => File.ReadAllText(file).Replace("effect: permit", "effect: permit\n    shadow: true", StringComparison.Ordinal)),
        last = 100,
    });

    private static string? Token(GatewayUnderTest gateway, string role, string tenant) =>
        gateway.Stack.Token(new Caller { App = "matrix", Tenant = tenant, Roles = role.Length > 0 ? [role] : [] });

    private static Task SumsAsync(GatewayUnderTest gateway, HttpClient http, Log log, string address) => Eventually.HoldsAsync(async () =>
    {
        var (_, body) = await AskAsync(gateway, http, log, address, Token(gateway, "auditor", ""));
        return log.North.IsIn(body) && log.South.IsIn(body);
    });

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(GatewayUnderTest gateway, HttpClient http, Log log, string address, string? token)
    {
        var expected = Matrix[address];
        var (method, pattern) = (address.Split(' ')[0], address.Split(' ')[1]);
        var path = pattern.Replace("{id:guid}", log.North.Request.ToString(), StringComparison.Ordinal).Replace("{id}", "local-llama", StringComparison.Ordinal)
            .Replace("{hash}", log.Version, StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal);
        Assert.DoesNotContain('{', path);
        using HttpRequestMessage request = new(new HttpMethod(method == "*" ? "GET" : method), new Uri(gateway.ControlPlane, path + expected.Query));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = expected.Body is { } body ? new StringContent(body(log), Encoding.UTF8, "application/json") : null;
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <param name="Opens">Roles that an address is opened for.</param>
    private sealed record Expected(string[] Opens)
    {
        public bool AsksForNoToken { get; init; }
        public string Query { get; init; } = "";
        public Func<Log, string>? Body { get; init; }

        /// <summary>The answer to people of the tenant that is asked for.</summary>
        public HttpStatusCode Own { get; init; } = OK;

        /// <summary>The answer to people of another tenant.</summary>
        public HttpStatusCode Other { get; init; } = OK;

        /// <summary>The answer to people who may see every tenant.</summary>
        public HttpStatusCode None { get; init; } = OK;

        /// <summary>Its answer names requests or apps.</summary>
        public bool Tells { get; init; }
    }

    /// <summary>What is in the log: one request of each tenant.</summary>
    private sealed record Log(Trace North, Trace South, string Version, string Draft);

    private sealed record Trace(Guid Request, string App)
    {
        public bool IsIn(string answer) => answer.Contains(App, StringComparison.Ordinal) || answer.Contains(Request.ToString(), StringComparison.Ordinal);
    }
}
