using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Testing;

namespace PolicyRouter.Gateway.Tests.Hosting;

/// <summary>All refusals of both listeners: each is documented, and says its code, its id and nothing else.</summary>
public sealed partial class RefusalTests
{
    private const string Words = "words of a patient";

    private static readonly string[] OpenAiMembers = ["error", "error.message", "error.type", "error.param", "error.code"];
    private static readonly string[] AnthropicMembers = ["type", "error", "error.type", "error.message", "error.code", "request_id"];
    private static readonly string[] ProblemMembers = ["type", "title", "status", "code", "requestId"];

    [Fact]
    public void EveryRefusalOfTheSources_IsInTheList_AndTheOtherWayRound()
    {
        List<(int Status, string Code)> made = [];
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "PolicyRouter.Gateway"), "*.cs", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            var refusals = StatusAndCode().Matches(text);

            // One that is written in another way would escape the list.
            Assert.True(refusals.Count == Construction().Count(text), $"{file} makes a refusal whose status and code are no constants.");
            made.AddRange(refusals.Select(static refusal => (Number(refusal.Groups["status"].Value), refusal.Groups["code"].Value)));
        }

        Assert.True(made.Count > 20);
        Assert.Equal(made.Distinct().Order(), Documented.Select(static row => (row.Status, row.Code)).Order());
    }

    [Fact]
    public async Task EveryRefusal_IsWrittenWithItsCodeAndItsId_AndNothingElse()
    {
        foreach (var (status, code, listener) in Documented)
        {
            GatewayError error = new(status, code, "server_error", "A sentence.", RetryAfter: TimeSpan.FromSeconds(2));
            if (listener is "data" or "both")
            {
                AssertOpenAi(await WriteAsync(Plane.Data, "/v1/chat/completions", error), error);
                AssertAnthropic(await WriteAsync(Plane.Data, "/v1/messages", error), error);
            }

            if (listener is "control" or "both")
            {
                AssertProblem(await WriteAsync(Plane.Control, "/api/decisions", error), error);
            }
        }
    }

    [Theory]
    [InlineData("GET", "/v1/models", null, "", 401, "invalid_token")]
    [InlineData("GET", "/v1/models?access_token=x", "app", "", 401, "invalid_token")]
    [InlineData("GET", "/v1/models", "auditor", "", 403, "role_required")]
    [InlineData("GET", "/v1/models", "app", "", 503, "policy_unavailable")]
    [InlineData("GET", "/v1/nowhere", "app", "", 404, "not_found")]
    [InlineData("DELETE", "/v1/models", "app", "", 404, "not_found")]
    [InlineData("GET", "/api/decisions", "auditor", "", 404, "not_found")]
    [InlineData("POST", "/v1/chat/completions", "app", "X_Under: score", 400, "invalid_request")]
    [InlineData("POST", "/v1/chat/completions", "app", "Content-Length: 5000", 413, "request_too_large")]
    [InlineData("GET", "/v1/broken", "app", "", 500, "internal_error")]
    [InlineData("POST", "/v1/messages", null, "", 401, "invalid_token")]
    [InlineData("POST", "/v1/messages/nowhere", "app", "", 404, "not_found")]
    [InlineData("POST", "/v1/messages", "app", "Content-Length: 5000", 413, "request_too_large")]
    public async Task RefusalOfTheDataPlane_SaysItsCodeAndItsId_AndNothingElse(string method, string path, string? role, string header, int status, string code)
    {
        await using var gateway = await StartAsync();

        var (head, body) = await AskAsync(gateway.Data, gateway, method, path, role, header);

        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "), head, StringComparison.Ordinal);
        Assert.Contains($"X-Decision-Id: {IdIn(head)}\r\n", head, StringComparison.OrdinalIgnoreCase);
        using var json = JsonDocument.Parse(body);
        var isMessages = path.StartsWith("/v1/messages", StringComparison.Ordinal);
        Assert.Equal(isMessages ? AnthropicMembers : OpenAiMembers, MembersOf(json.RootElement));
        Assert.Equal(code, json.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.True(!isMessages || json.RootElement.GetProperty("request_id").GetString() == IdIn(head));
        Assert.DoesNotContain(Words, head + body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/decisions", null, "", 401, "invalid_token")]
    [InlineData("GET", "/api/decisions", "app", "", 403, "role_required")]
    [InlineData("GET", "/api/decisions?cursor=x&nonsense=1", "auditor", "", 400, "invalid_request")]
    [InlineData("GET", "/api/decisions", "auditor", "", 500, "internal_error")]
    [InlineData("GET", "/api/nowhere", "auditor", "", 404, "not_found")]
    [InlineData("GET", "/v1/models", "app", "", 404, "not_found")]
    [InlineData("GET", "/api/policy", "legal", "", 503, "policy_unavailable")]
    [InlineData("GET", "/api/decisions/0199a000-0000-7000-8000-000000000001", "auditor", "", 404, "not_found")]
    [InlineData("POST", "/api/deployments/x/suspend", "operator", "Content-Length: 5000", 413, "request_too_large")]
    public async Task RefusalOfTheControlPlane_SaysItsCodeAndItsId_AndNothingElse(string method, string path, string? role, string header, int status, string code)
    {
        await using var gateway = await StartAsync();

        var (head, body) = await AskAsync(gateway.Control, gateway, method, path, role, header);

        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "), head, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(ProblemMembers, MembersOf(json.RootElement));
        Assert.Equal(code, json.RootElement.GetProperty("code").GetString());
        Assert.Equal(status, json.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(IdIn(head), json.RootElement.GetProperty("requestId").GetString());
        Assert.DoesNotContain(Words, head + body, StringComparison.Ordinal);
    }

    private static IReadOnlyList<(int Status, string Code, string Listener)> Documented { get; } =
    [
        .. Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "errors.md")))
            .Select(static row => (Number(row.Groups["status"].Value), row.Groups["code"].Value, row.Groups["listener"].Value)),
    ];

    private static Task<GatewayUnderTest> StartAsync() => GatewayUnderTest.StartAsync(
        history: static _ => throw new InvalidOperationException(Words),
        map: static data => data.MapGet("/broken", static string () => throw new InvalidOperationException(Words)));

    private static async Task<(string Head, string Body)> AskAsync(Uri plane, GatewayUnderTest gateway, string method, string path, string? role, string header)
    {
        var token = role is null ? "" : $"Authorization: Bearer {gateway.Token(role)}\r\n";
        var length = method == "GET" || header.StartsWith("Content-Length", StringComparison.Ordinal) ? "" : "Content-Length: 0\r\n";
        var answer = await GatewayUnderTest.RawAsync(
            plane, $"{method} {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{token}{length}{(header.Length == 0 ? "" : header + "\r\n")}\r\n");
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (answer[..(end + 2)], answer[(end + 4)..]);
    }

    private static string IdIn(string head) => RequestId().Match(head).Groups["id"].Value;

    private static async Task<(HttpContext Http, JsonElement Body)> WriteAsync(Plane plane, string path, GatewayError error)
    {
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider();
        DefaultHttpContext http = new() { RequestServices = services };
        using MemoryStream written = new();
        http.Response.Body = written;
        http.Request.Path = path;
        http.Features.Set(new ListenerPlane(plane));
        await PlaneErrors.WriteAsync(http, error);
        Assert.Equal(error.Status, http.Response.StatusCode);
        Assert.Equal("2", http.Response.Headers.RetryAfter);
        Assert.Equal(written.Length, http.Response.ContentLength);
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(written.ToArray()));
        return (http, json.RootElement.Clone());
    }

    private static void AssertOpenAi((HttpContext Http, JsonElement Body) written, GatewayError error)
    {
        Assert.Equal(OpenAiMembers, MembersOf(written.Body));
        Assert.Equal(error.Code, written.Body.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(error.Message, written.Body.GetProperty("error").GetProperty("message").GetString());
    }

    private static void AssertAnthropic((HttpContext Http, JsonElement Body) written, GatewayError error)
    {
        Assert.Equal(AnthropicMembers, MembersOf(written.Body));
        Assert.Equal(error.Code, written.Body.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(error.Message, written.Body.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal(DataPlaneHeaders.RequestIdOf(written.Http).ToString(), written.Body.GetProperty("request_id").GetString());
    }

    private static void AssertProblem((HttpContext Http, JsonElement Body) written, GatewayError error)
    {
        Assert.Equal(ProblemMembers, MembersOf(written.Body));
        Assert.Equal("application/problem+json", written.Http.Response.ContentType);
        Assert.Equal($"urn:policyrouter:problem:{error.Code}", written.Body.GetProperty("type").GetString());
        Assert.Equal(error.Code, written.Body.GetProperty("code").GetString());
        Assert.Equal(error.Message, written.Body.GetProperty("title").GetString());
        Assert.Equal(error.Status, written.Body.GetProperty("status").GetInt32());
        Assert.Equal(DataPlaneHeaders.RequestIdOf(written.Http), written.Body.GetProperty("requestId").GetGuid());
    }

    /// <summary>Names of members, with dots for those inside of others, in their order.</summary>
    private static IEnumerable<string> MembersOf(JsonElement json) => json.EnumerateObject().SelectMany(static member =>
        member.Value.ValueKind is JsonValueKind.Object ? MembersOf(member.Value).Select(inner => $"{member.Name}.{inner}").Prepend(member.Name) : [member.Name]);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("StatusCodes\\.Status(?<status>\\d{3})\\w+,\\s*\"(?<code>[a-z_]+)\"")]
    private static partial Regex StatusAndCode();

    [GeneratedRegex("""new GatewayError\(|GatewayError \w+\([^)]*\) =>\s*new\(""")]
    private static partial Regex Construction();

    [GeneratedRegex("""^\| (?<status>\d{3}) \| `(?<code>[a-z_]+)` \| (?<listener>data|control|both) \|""", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("""x-request-id: (?<id>[0-9a-f-]{36})\r\n""", RegexOptions.IgnoreCase)]
    private static partial Regex RequestId();
}
