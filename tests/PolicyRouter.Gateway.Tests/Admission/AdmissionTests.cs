using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using PolicyRouter.Gateway.Admission;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Tests.Hosting;

namespace PolicyRouter.Gateway.Tests.Admission;

/// <summary>Requests that are held in flight by the test, over real sockets, on a clock of the test's: who comes in, who does not, and what the gateway holds meanwhile.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public async Task TenTimesTheLoad_IsRefusedWhileTheAdmittedRun_AndLowPrioritiesFirst()
    {
        await using var held = await HeldRequests.StartAsync(new() { ["MaxInFlight"] = "10" });
        using MetricCollector<long> inFlight = new(held.Meters, AdmissionMetrics.MeterName, "policyrouter.requests.in_flight");
        using MetricCollector<long> shed = new(held.Meters, AdmissionMetrics.MeterName, "policyrouter.requests.shed");

        // A hundred at once, none of which ends before the test says so: whoever is refused is refused while the others run.
        List<Task<HttpResponseMessage>> low = [.. Enumerable.Range(0, 100).Select(_ => held.AskAsync(CallerPriority.Low))];
        await held.ArrivedAsync(5);
        await RefusedAsync(low, 95, HttpStatusCode.ServiceUnavailable, "overloaded");

        List<Task<HttpResponseMessage>> normal = [.. Enumerable.Range(0, 100).Select(_ => held.AskAsync(CallerPriority.Normal))];
        await held.ArrivedAsync(4);
        await RefusedAsync(normal, 96, HttpStatusCode.ServiceUnavailable, "overloaded");

        List<Task<HttpResponseMessage>> high = [.. Enumerable.Range(0, 100).Select(_ => held.AskAsync(CallerPriority.High))];
        await held.ArrivedAsync(1);
        await RefusedAsync(high, 99, HttpStatusCode.ServiceUnavailable, "overloaded");

        Assert.Equal(10, held.MostAtOnce);
        Assert.Equal(10, inFlight.GetMeasurementSnapshot().Sum(static measured => measured.Value));
        Assert.Equal(290, shed.GetMeasurementSnapshot().Sum(static measured => measured.Value));
        Assert.Equal(95, shed.GetMeasurementSnapshot().Count(static measured => (string?)measured.Tags["priority"] == "low" && (string?)measured.Tags["reason"] == "in_flight"));

        held.Release();
        Assert.All(await Task.WhenAll([.. low, .. normal, .. high]), static answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable));
        Assert.Equal(HttpStatusCode.OK, (await held.AskAsync(CallerPriority.Low)).StatusCode);
        Assert.Equal(0, inFlight.GetMeasurementSnapshot().Sum(static measured => measured.Value));
    }

    [Fact]
    public async Task BodiesTogether_HaveBoundedRoom_AndOneOfUnknownLengthCountsAsTheLargest()
    {
        await using var held = await HeldRequests.StartAsync(new() { ["MaxBodyBytes"] = "524288", ["MaxBodyMegabytesInFlight"] = "1" });

        List<Task<HttpResponseMessage>> asked = [.. Enumerable.Range(0, 20).Select(at => held.PostAsync(new byte[300_000], isLengthKnown: at % 2 == 0))];
        await held.ArrivedAsync(2);

        await RefusedAsync(asked, 17, HttpStatusCode.ServiceUnavailable, "overloaded");
        Assert.InRange(held.MostAtOnce, 2, 3);
        held.Release();
        await Task.WhenAll(asked);
        Assert.Equal(HttpStatusCode.OK, (await held.PostAsync(new byte[500_000], isLengthKnown: true)).StatusCode);
    }

    [Fact]
    public async Task OneApp_CannotTakeThePlacesOfTheOthers()
    {
        await using var held = await HeldRequests.StartAsync(new() { ["MaxInFlightPerApp"] = "3", ["Apps:batch:MaxInFlight"] = "1" });
        using MetricCollector<long> limited = new(held.Meters, AdmissionMetrics.MeterName, "policyrouter.requests.rate_limited");

        List<Task<HttpResponseMessage>> ward = [.. Enumerable.Range(0, 10).Select(_ => held.AskAsync(app: "ward"))];
        await held.ArrivedAsync(3);
        await RefusedAsync(ward, 7, HttpStatusCode.TooManyRequests, "rate_limited");
        List<Task<HttpResponseMessage>> batch = [.. Enumerable.Range(0, 10).Select(_ => held.AskAsync(app: "batch"))];
        await held.ArrivedAsync(1);
        await RefusedAsync(batch, 9, HttpStatusCode.TooManyRequests, "rate_limited");

        // The same name in another tenant is another app.
        var other = held.AskAsync(app: "ward", tenant: "other");
        await held.ArrivedAsync(1);
        Assert.All(limited.GetMeasurementSnapshot(), static measured => Assert.Equal("in_flight", measured.Tags["limit"]));
        held.Release();
        Assert.Equal(HttpStatusCode.OK, (await other).StatusCode);
    }

    [Fact]
    public async Task RequestsAMinute_AreCountedPerApp_AndThePauseIsExact()
    {
        await using var held = await HeldRequests.StartAsync(new() { ["RequestsPerMinutePerApp"] = "3", ["Apps:ward:RequestsPerMinute"] = "6" });
        held.Release();
        for (var at = 0; at < 3; at++)
        {
            Assert.Equal(HttpStatusCode.OK, (await held.AskAsync(app: "letters")).StatusCode);
        }

        var refused = await held.AskAsync(app: "letters");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("20", Assert.Single(refused.Headers.GetValues("retry-after")));
        var pause = int.Parse(Assert.Single(refused.Headers.GetValues("retry-after-ms")), CultureInfo.InvariantCulture);
        Assert.Equal(20_000, pause);
        Assert.Equal("true", Assert.Single(refused.Headers.GetValues("x-should-retry")));
        Assert.Equal(HttpStatusCode.OK, (await held.AskAsync(app: "ward")).StatusCode);
        held.Gateway.Time.Advance(TimeSpan.FromMilliseconds(pause - 1));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await held.AskAsync(app: "letters")).StatusCode);
        held.Gateway.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await held.AskAsync(app: "letters")).StatusCode);
    }

    [Theory]
    [InlineData("/v1/held", "error")]
    [InlineData("/v1/messages/held", "type")]
    public async Task Refusal_HasTheShapeOfTheApiThatWasCalled_AndComesBeforeTheBodyIsThere(string path, string first)
    {
        await using var held = await HeldRequests.StartAsync(new() { ["RequestsPerMinutePerApp"] = "1" });
        held.Release();
        Assert.Equal(HttpStatusCode.OK, (await held.AskAsync()).StatusCode);

        // 4,000 bytes are announced, and none is sent.
        var answer = await GatewayUnderTest.RawAsync(
            held.Gateway.Data,
            $"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {held.Token()}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
        Assert.Contains("X-Decision-Id: ", answer, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Equal(first, body.RootElement.EnumerateObject().First().Name);
        Assert.Equal("rate_limited", body.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("low", CallerPriority.Low)]
    [InlineData("high", CallerPriority.High)]
    [InlineData("normal", CallerPriority.Normal)]
    [InlineData("urgent", CallerPriority.Normal)]
    public void PriorityOfAToken_IsReadFromItsClaim(string claim, CallerPriority expected)
    {
        var payload = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($$"""{"sub":"ward","priority":"{{claim}}"}"""));

        Assert.Equal(expected, CallerClaims.Read(payload)!.Priority);
    }

    [Fact]
    public async Task HealthAndTheControlPlane_AreNeverRefused()
    {
        await using var held = await HeldRequests.StartAsync(new() { ["MaxInFlight"] = "1", ["RequestsPerMinutePerApp"] = "1" });
        var asked = held.AskAsync(CallerPriority.High);
        await held.ArrivedAsync(1);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await held.AskAsync(CallerPriority.High)).StatusCode);
        for (var at = 0; at < 5; at++)
        {
            using var live = await held.Gateway.GetAsync(held.Gateway.Data, "/livez", null);
            using var decisions = await held.Gateway.GetAsync(held.Gateway.Control, "/api/decisions", held.Gateway.Token("auditor"));
            Assert.Equal(HttpStatusCode.OK, live.StatusCode);
            Assert.Equal(HttpStatusCode.OK, decisions.StatusCode);
        }

        held.Release();
        await asked;
    }

    /// <summary>Waits until that many of the requests are answered, and asserts how.</summary>
    private static async Task RefusedAsync(List<Task<HttpResponseMessage>> asked, int count, HttpStatusCode status, string code)
    {
        var running = asked.ToList();
        for (var at = 0; at < count; at++)
        {
            var done = await Task.WhenAny(running).WaitAsync(TimeSpan.FromSeconds(60));
            running.Remove(done);
            using var answer = await done;
            Assert.Equal(status, answer.StatusCode);
            Assert.True(answer.Headers.Contains("retry-after") && answer.Headers.Contains("retry-after-ms"));
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal(code, body.RootElement.GetProperty("error").GetProperty("code").GetString());
        }
    }

    /// <summary>A gateway with an address whose requests end when the test says so.</summary>
    private sealed class HeldRequests : IAsyncDisposable
    {
        private readonly SemaphoreSlim _arrived = new(0);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _atOnce;
        private int _mostAtOnce;

        public GatewayUnderTest Gateway { get; private set; } = null!;
        public int MostAtOnce => Volatile.Read(ref _mostAtOnce);
        public IMeterFactory Meters => Gateway.Host.Services.GetRequiredService<IMeterFactory>();

        public static async Task<HeldRequests> StartAsync(Dictionary<string, string?> limits)
        {
            HeldRequests held = new();
            held.Gateway = await GatewayUnderTest.StartAsync(
                map: data =>
                {
                    data.MapPost("/held", held.HoldAsync);
                    data.MapPost("/messages/held", held.HoldAsync);
                },
                limits: limits);
            return held;
        }

        public string Token(CallerPriority priority = CallerPriority.Normal, string app = "tester", string tenant = "") =>
            Gateway.Token(new Caller { App = app, Tenant = tenant, Roles = ["app"], Priority = priority });

        public Task<HttpResponseMessage> AskAsync(CallerPriority priority = CallerPriority.Normal, string app = "tester", string tenant = "") =>
            Gateway.PostAsync("/v1/held", Token(priority, app, tenant), new ByteArrayContent([]));

        public Task<HttpResponseMessage> PostAsync(byte[] body, bool isLengthKnown) =>
            Gateway.PostAsync("/v1/held", Token(), isLengthKnown ? new ByteArrayContent(body) : new Chunked(body));

        /// <summary>Waits until so many more are in flight.</summary>
        public async Task ArrivedAsync(int count)
        {
            for (var at = 0; at < count; at++)
            {
                Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(60)));
            }
        }

        public void Release() => _released.TrySetResult();

        public async ValueTask DisposeAsync()
        {
            Release();
            await Gateway.DisposeAsync();
            _arrived.Dispose();
        }

        private async Task HoldAsync(HttpContext http)
        {
            var now = Interlocked.Increment(ref _atOnce);
            for (var most = MostAtOnce; now > most; most = MostAtOnce)
            {
                Interlocked.CompareExchange(ref _mostAtOnce, now, most);
            }

            _arrived.Release();
            await _released.Task;
            Interlocked.Decrement(ref _atOnce);
        }

        private sealed class Chunked(byte[] body) : HttpContent
        {
            protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(body).AsTask();

            protected override bool TryComputeLength(out long length)
            {
                length = 0;
                return false;
            }
        }
    }
}
