using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Tests.Hosting;

public sealed class ListenerTests
{
    [Fact]
    public async Task EveryEndpoint_HasAnExplicitPolicy_AndAListener()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(map: static data => data.MapPost("/chat/completions", static () => "x"));
        var endpoints = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).ToArray();

        Assert.True(endpoints.Length >= 9);
        Assert.All(endpoints, static endpoint =>
        {
            Assert.NotNull(endpoint.Metadata.GetMetadata<IAuthorizeData>()?.Policy);
            Assert.NotNull(endpoint.Metadata.GetMetadata<ListenerPlane>());
        });
    }

    [Fact]
    public async Task EndpointThatNamesNoPolicy_IsDenied_WhoeverAsks()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(map: static data =>
        {
            data.MapGet("/forgotten", static () => "open").Finally(static endpoint => Forget(endpoint, Plane.Data));
            data.MapGet("/forgotten-on-control", static () => "open").Finally(static endpoint => Forget(endpoint, Plane.Control));
            // Asks for a policy and does not say which.
            data.MapGet("/unnamed", static () => "open").RequireAuthorization().Finally(static endpoint => Forget(endpoint, Plane.Data, new AuthorizeAttribute()));
            data.MapGet("/homeless", static () => "open").Finally(static endpoint => Forget(endpoint, Plane.None, new AuthorizeAttribute("anyone")));
        });
        var token = gateway.Token("app", "auditor", "legal", "operator");

        foreach (var (plane, path, expected) in new[]
        {
            (gateway.Data, "/v1/forgotten", HttpStatusCode.Forbidden), (gateway.Control, "/v1/forgotten-on-control", HttpStatusCode.Forbidden),
            (gateway.Data, "/v1/unnamed", HttpStatusCode.Forbidden), (gateway.Data, "/v1/homeless", HttpStatusCode.NotFound),
        })
        {
            using var answer = await gateway.GetAsync(plane, path, token);
            using var stranger = await gateway.GetAsync(plane, path, null);

            Assert.Equal((path, expected), (path, answer.StatusCode));
            Assert.Equal((path, expected is HttpStatusCode.NotFound ? expected : HttpStatusCode.Unauthorized), (path, stranger.StatusCode));
        }

        static void Forget(EndpointBuilder endpoint, Plane plane, params object[] instead)
        {
            foreach (var metadata in endpoint.Metadata.Where(static one => one is IAuthorizeData or ListenerPlane).ToArray())
            {
                endpoint.Metadata.Remove(metadata);
            }

            endpoint.Metadata.Add(new ListenerPlane(plane));
            foreach (var metadata in instead)
            {
                endpoint.Metadata.Add(metadata);
            }
        }
    }

    [Fact]
    public async Task PathOfTheOtherListener_DoesNotExist()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var token = gateway.Token("app", "auditor", "legal", "operator");

        using var dataOnControl = await gateway.GetAsync(gateway.Control, "/v1/models", token);
        using var controlOnData = await gateway.GetAsync(gateway.Data, "/api/decisions", token);
        using var traversal = await gateway.GetAsync(gateway.Data, "/v1/%2e%2e/api/decisions", token);

        Assert.All([dataOnControl, controlOnData, traversal], static answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
        Assert.Equal("application/problem+json", dataOnControl.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"error\"", await controlOnData.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app", "/v1/models", true)]
    [InlineData("auditor", "/v1/models", false)]
    [InlineData("app", "/api/decisions", false)]
    [InlineData("auditor", "/api/decisions", true)]
    [InlineData("legal", "/api/decisions", false)]
    [InlineData("operator", "/api/decisions", false)]
    [InlineData("operator", "/api/decisions/0199a000-0000-7000-8000-000000000001", false)]
    [InlineData("legal", "/api/policy", true)]
    [InlineData("auditor", "/api/policy", true)]
    [InlineData("operator", "/api/policy", false)]
    [InlineData("legal", "/api/policy/versions", true)]
    [InlineData("auditor", "/api/policy/versions", true)]
    [InlineData("operator", "/api/policy/versions", false)]
    [InlineData("app", "/api/policy/versions", false)]
    [InlineData("operator", "/api/deployments", true)]
    [InlineData("auditor", "/api/deployments", false)]
    public async Task Role_OpensItsOwnAddressesOnly(string role, string path, bool opens)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var plane = path.StartsWith("/v1", StringComparison.Ordinal) ? gateway.Data : gateway.Control;

        using var answer = await gateway.GetAsync(plane, path, gateway.Token(role));
        using var stranger = await gateway.GetAsync(plane, path, null);

        Assert.Equal(opens, answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable);
        Assert.True(opens || answer.StatusCode == HttpStatusCode.Forbidden, answer.StatusCode.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task EveryDataPlaneAnswer_CarriesItsId_RefusalsIncluded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var refused = await gateway.ModelsAsync(null);
        using var absent = await gateway.GetAsync(gateway.Data, "/nothing", null);

        foreach (var answer in new[] { refused, absent })
        {
            var id = Guid.Parse(answer.Headers.GetValues("X-Decision-Id").Single());
            Assert.Equal(7, id.Version);
            Assert.Equal(id.ToString(), answer.Headers.GetValues("x-request-id").Single());
            Assert.Equal("0", answer.Headers.GetValues("X-Attempts").Single());
            Assert.Equal("false", answer.Headers.GetValues("x-should-retry").Single());
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Health_AnswersOnBothListeners_AndIsNotReadyWithoutAPolicy()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var plane in new[] { gateway.Data, gateway.Control })
        {
            using var live = await gateway.GetAsync(plane, "/livez", null);
            using var started = await gateway.GetAsync(plane, "/startupz", null);
            using var ready = await gateway.GetAsync(plane, "/readyz", null);

            Assert.Equal(HttpStatusCode.OK, live.StatusCode);
            Assert.Equal(HttpStatusCode.OK, started.StatusCode);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Equal("not ready", await ready.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task FailureThatNothingElseCaught_Is500_WithAnId_AndWithoutDetail()
    {
        const string Words = "words of a patient";
        await using var gateway = await GatewayUnderTest.StartAsync(
            history: static _ => throw new InvalidOperationException(Words),
            map: static data => data.MapGet("/broken", static string () => throw new InvalidOperationException(Words)));

        using var onData = await gateway.GetAsync(gateway.Data, "/v1/broken", gateway.Token("app"));
        using var onControl = await gateway.GetAsync(gateway.Control, "/api/decisions", gateway.Token("auditor"));

        foreach (var answer in (HttpResponseMessage[])[onData, onControl])
        {
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            var body = await answer.Content.ReadAsStringAsync();
            Assert.Contains("internal_error", body, StringComparison.Ordinal);
            Assert.DoesNotContain(Words, body, StringComparison.Ordinal);
            Assert.DoesNotContain(nameof(InvalidOperationException), body, StringComparison.Ordinal);
            Assert.True(answer.Headers.Contains("x-request-id"));
        }

        Assert.Equal("application/problem+json", onControl.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Drain_LetsARunningRequestEnd()
    {
        TaskCompletionSource entered = new();
        TaskCompletionSource release = new();
        await using var gateway = await GatewayUnderTest.StartAsync(map: data => data.MapGet("/slow", async (HttpContext http) =>
        {
            entered.SetResult();
            await release.Task;
            await http.Response.WriteAsync("done");
        }));
        var running = gateway.GetAsync(gateway.Data, "/v1/slow", gateway.Token("app"));
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await gateway.Host.DrainAsync();
        var stopped = gateway.Host.WaitForShutdownAsync(CancellationToken.None);
        release.SetResult();
        using var answer = await running;

        Assert.Equal("done", await answer.Content.ReadAsStringAsync());
        await stopped.WaitAsync(TimeSpan.FromSeconds(60));
    }
}
