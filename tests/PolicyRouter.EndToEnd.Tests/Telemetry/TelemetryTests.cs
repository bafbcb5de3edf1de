using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Network;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Telemetry;

/// <summary>What monitoring sees, and that nothing waits for it.</summary>
public sealed partial class TelemetryTests
{
    [Fact]
    public async Task Metrics_HaveTheNamesThatDashboardsAndAlertsAreWrittenFor()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        gateway.Fleet["claude-anthropic"].Next(Fault.Unavailable);
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.", stream: true));
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), purpose: "marketing");
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Behave(Fault.Cut());
        }

        // One that fails before its first word, and one that breaks off behind it.
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        await gateway.ReadUntilBrokenAsync("/v1/chat/completions", GatewayUnderTest.Chat("clinical-chat", "Summarise.", stream: true));
        var scraped = await gateway.ControlAsync("/metrics", "operator");

        Assert.Equal(HttpStatusCode.OK, scraped.Status);
        var names = scraped.Body.Split('\n')
            .Where(static line => line.StartsWith("# TYPE policyrouter", StringComparison.Ordinal) || line.StartsWith("# TYPE gen_ai", StringComparison.Ordinal))
            .Select(static line => line["# TYPE ".Length..])
            .ToHashSet(StringComparer.Ordinal);

        // Other tests of this process may add what did not happen here: nothing may have another name, and what is marked is always there.
        Assert.Empty(names.Except(MetricList.Families.Select(static family => $"{family.Key} {family.Value.Type}")));
        Assert.Empty(MetricList.Families.Where(static family => family.Value.IsAlways).Select(static family => $"{family.Key} {family.Value.Type}").Except(names));
        var labels = Series().Matches(scraped.Body).SelectMany(static series => Label().Matches(series.Groups["labels"].Value).Select(label => $"{series.Groups["name"].Value} {label.Groups["name"].Value}"))
            .Where(static label => !label.Contains(" otel_scope_", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(labels.Except(MetricList.Series.SelectMany(LabelsOf)));
        var always = MetricList.Series.Where(static series => MetricList.Families.Any(family => family.Value.IsAlways && series.Key.StartsWith(family.Key, StringComparison.Ordinal)));
        Assert.Empty(always.SelectMany(LabelsOf).Except(labels));

        static IEnumerable<string> LabelsOf(KeyValuePair<string, IReadOnlySet<string>> series) => series.Value.Select(label => $"{series.Key} {label}");
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
        using CapturedSpans spans = new();
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.", stream: true));
        await gateway.OutcomeOfAsync(reply.DecisionId);

        var own = spans.Of(reply.DecisionId);
        Assert.Equal(["run_guardrail policyrouter", "chat clinical-chat"], own.Select(static span => span.DisplayName));
        Assert.Equal(("allow", reply.Headers["X-Policy-Version"]), (own[0].GetTagItem("gen_ai.guardrail.verdict.type"), own[0].GetTagItem("gen_ai.security.policy.id")));
        Assert.Equal(("anthropic", "claude-anthropic"), (own[1].GetTagItem("gen_ai.provider.name"), own[1].GetTagItem("policyrouter.deployment")));
        Assert.True((long)own[1].GetTagItem("gen_ai.usage.output_tokens")! > 0);
        Assert.Equal("127.0.0.1", own[1].GetTagItem("server.address"));
        Assert.True((double)own[1].GetTagItem("gen_ai.response.time_to_first_chunk")! >= 0);
        Assert.Equal(ActivityKind.Client, own[1].Kind);
    }

    [Fact]
    public async Task Spans_BelongToTheCallersTrace_AndCarryNothingElseOfIt()
    {
        using CapturedSpans spans = new();
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(
            GatewayUnderTest.Chat("clinical-chat", "Summarise."),
            headers:
            [
                ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"), ("tracestate", "a=Maria-Martinez"), ("baggage", "patient=Maria-Martinez"),
            ]);
        await gateway.OutcomeOfAsync(reply.DecisionId);

        Assert.All(spans.Of(reply.DecisionId), static span =>
        {
            Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId.ToString());
            Assert.Null(span.TraceStateString);
            Assert.Empty(span.Baggage);
        });
        Assert.NotEmpty(spans.Of(reply.DecisionId));
    }

    [Fact]
    public async Task Spans_SayHowTheAnswerEnded_ItsId_AndWhatOfItsTokensWasRemembered_WhateverTheApis()
    {
        using CapturedSpans spans = new();
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var path in (string[])["/v1/chat/completions", "/v1/messages", "/v1/responses"])
        {
            foreach (var deployment in (string[])["claude-anthropic", "azure-gpt4o-eastus"])
            {
                foreach (var stream in (bool[])[false, true])
                {
                    JsonObject body = path == "/v1/responses"
                        ? new() { ["model"] = deployment, ["input"] = "Summarise.", ["stream"] = stream }
                        : GatewayUnderTest.Chat(deployment, "Summarise.", stream);
                    if (path == "/v1/messages")
                    {
                        body["max_tokens"] = 100;
                    }

                    var reply = await gateway.AskAtAsync(path, body);
                    Assert.Equal(HttpStatusCode.OK, reply.Status);
                    await gateway.OutcomeOfAsync(reply.DecisionId);

                    var call = spans.Of(reply.DecisionId).Single(static span => span.Kind == ActivityKind.Client);
                    var asked = $"{path} {deployment} {stream}";
                    Assert.Equal($"{asked} stop", $"{asked} {string.Join(',', (string[]?)call.GetTagItem("gen_ai.response.finish_reasons") ?? [])}");
                    Assert.True(call.GetTagItem("gen_ai.response.id") is string id && id.StartsWith(deployment == "claude-anthropic" ? "msg_" : "chatcmpl-", StringComparison.Ordinal), $"{asked} {call.GetTagItem("gen_ai.response.id")}");
                    // OpenAI's API counts in a stream when it is asked to, which this caller does not.
                    Assert.True(call.GetTagItem("gen_ai.usage.cache_read.input_tokens") is long || (stream && deployment != "claude-anthropic"), asked);
                }
            }
        }
    }

    [Fact]
    public async Task SpansOfDecisions_NameTheRules_ThatRefused_AndThatAskedForSomething()
    {
        using CapturedSpans spans = new();
        await using var gateway = await GatewayUnderTest.StartAsync();

        var refused = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), dataClass: "sud-part2", purpose: "research");
        var permitted = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), purpose: "payment");

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Equal(HttpStatusCode.OK, permitted.Status);
        var denied = spans.Of(refused.DecisionId).Single();
        var allowed = spans.Of(permitted.DecisionId).First(static span => span.DisplayName == "run_guardrail policyrouter");
        var reasons = (await gateway.DecidedAsync(refused.DecisionId)).GetProperty("denied").EnumerateArray().SelectMany(static one => one.GetProperty("rules").EnumerateArray()).Select(static rule => rule.GetString()!);
        var duties = (await gateway.DecidedAsync(permitted.DecisionId)).GetProperty("duties").EnumerateArray()
            .Where(duty => duty.GetProperty("deployment").GetString() == permitted.Deployment).Select(static duty => duty.GetProperty("rule").GetString()!);
        Assert.Equal(reasons.Distinct().Order(), ((string[])denied.GetTagItem("policyrouter.rules")!).Order());
        Assert.Contains((string)denied.GetTagItem("gen_ai.security.policy.rule.id")!, reasons);
        Assert.Equal(duties.Distinct().Order(), ((string[])allowed.GetTagItem("policyrouter.rules")!).Order());
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

    [GeneratedRegex("^(?<name>(policyrouter|gen_ai)_[a-z_]+)\\{(?<labels>.*)\\} ", RegexOptions.Multiline)]
    private static partial Regex Series();

    [GeneratedRegex("(^|,)(?<name>[a-z_]+)=\"")]
    private static partial Regex Label();

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
