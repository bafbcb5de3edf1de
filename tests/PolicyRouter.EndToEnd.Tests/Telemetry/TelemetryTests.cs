using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Network;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Telemetry;

/// <summary>What monitoring sees, and that nothing waits for it.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_HaveTheNamesThatDashboardsAndAlertsAreWrittenFor()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        gateway.Fleet["claude-anthropic"].Next(Fault.Unavailable);
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.", stream: true));
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), purpose: "marketing");

        var scraped = await gateway.ControlAsync("/metrics", "operator");

        Assert.Equal(HttpStatusCode.OK, scraped.Status);
        var names = scraped.Body.Split('\n')
            .Where(static line => line.StartsWith("# TYPE policyrouter", StringComparison.Ordinal) || line.StartsWith("# TYPE gen_ai", StringComparison.Ordinal))
            .Select(static line => line["# TYPE ".Length..])
            .ToHashSet(StringComparer.Ordinal);

        // Other tests of this process may add what did not happen here: nothing may have another name, and what is marked is always there.
        var golden = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "tests", "PolicyRouter.EndToEnd.Tests", "Telemetry", "metrics.txt"));
        Assert.Empty(names.Except(golden.Select(static line => line.TrimEnd('*', ' '))));
        Assert.Empty(golden.Where(static line => line.EndsWith('*')).Select(static line => line.TrimEnd('*', ' ')).Except(names));
        Assert.Contains("policyrouter_decisions_total{", scraped.Body, StringComparison.Ordinal);
        Assert.Contains("result=\"status_503\"", scraped.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app", HttpStatusCode.Forbidden)]
    [InlineData("auditor", HttpStatusCode.Forbidden)]
    [InlineData("operator", HttpStatusCode.OK)]
    public async Task Metrics_AreForOperators(string role, HttpStatusCode expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        Assert.Equal(expected, (await gateway.ControlAsync("/metrics", role)).Status);
    }

    [Fact]
    public async Task Spans_SayWhatWasDecidedAndCalled_InTheWordsOfTheConventions()
    {
        ConcurrentQueue<Activity> ended = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "PolicyRouter.Requests",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.", stream: true));
        await gateway.OutcomeOfAsync(reply.DecisionId);

        var own = ended.Where(span => (string?)span.GetTagItem("policyrouter.decision.id") == reply.DecisionId.ToString()).ToList();
        Assert.Equal(["run_guardrail policyrouter", "chat clinical-chat"], own.Select(static span => span.DisplayName));
        Assert.Equal(("allow", reply.Headers["X-Policy-Version"]), (own[0].GetTagItem("gen_ai.guardrail.verdict.type"), own[0].GetTagItem("gen_ai.security.policy.id")));
        Assert.Equal(("anthropic", "claude-anthropic"), (own[1].GetTagItem("gen_ai.provider.name"), own[1].GetTagItem("policyrouter.deployment")));
        Assert.True((long)own[1].GetTagItem("gen_ai.usage.output_tokens")! > 0);
        Assert.Equal("127.0.0.1", own[1].GetTagItem("server.address"));
        Assert.True((double)own[1].GetTagItem("gen_ai.response.time_to_first_chunk")! >= 0);
        Assert.Equal(ActivityKind.Client, own[1].Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CollectorThatSwallowsEverything_OrTakesAByteAtATime_IsNobodysBusiness(bool isSlow)
    {
        await using var collector = await CollectorAsync();
        await using var proxy = FaultProxy.Start(new Uri(collector.Urls.First()));
        proxy.Conditions = isSlow ? new() { OneByteSlices = true, Latency = TimeSpan.FromSeconds(1) } : new() { Stall = true };
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
            options.Settings = _ => new() { ["Telemetry:OtlpEndpoint"] = proxy.BaseUrl.ToString() });

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."))).Status);
        }
    }

    [Fact]
    public async Task Collector_GetsMetricsAndTraces()
    {
        ConcurrentQueue<string> paths = new();
        await using var collector = await CollectorAsync(paths.Enqueue);
        await using (var gateway = await GatewayUnderTest.StartAsync(options =>
            options.Settings = _ => new() { ["Telemetry:OtlpEndpoint"] = collector.Urls.First() }))
        {
            await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

            // What is not sent yet is sent when the gateway stops.
        }

        Assert.Contains("/v1/traces", paths);
        Assert.Contains("/v1/metrics", paths);
    }

    private static async Task<WebApplication> CollectorAsync(Action<string>? received = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            received?.Invoke(http.Request.Path);
            await http.Request.Body.CopyToAsync(Stream.Null);
            http.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync();
        return app;
    }
}
