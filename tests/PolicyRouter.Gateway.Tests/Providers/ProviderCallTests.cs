using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Anthropic;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Simulator;
using PolicyRouter.Simulator.Faults;
using Endpoint = PolicyRouter.Policies.Facts.Endpoint;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>One call over real sockets: what it sends, and what each way of failing is called.</summary>
public sealed class ProviderCallTests
{
    private const string Prompt = """{"model":"m","messages":[{"role":"user","content":"Say something of a few words, please"}]}""";
    private const string StreamedPrompt = """{"model":"m","stream":true,"messages":[{"role":"user","content":"Say something of a few words, please"}]}""";
    private static readonly TimeSpan GenerousWait = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(ProviderWire.OpenAi, false)]
    [InlineData(ProviderWire.OpenAi, true)]
    [InlineData(ProviderWire.AzureOpenAi, false)]
    [InlineData(ProviderWire.AzureOpenAi, true)]
    [InlineData(ProviderWire.Anthropic, false)]
    [InlineData(ProviderWire.Anthropic, true)]
    public async Task EveryWire_AnswersInTheOpenAiForm(ProviderWire wire, bool isStreaming)
    {
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", wire, "m")]);

        var reply = await SendAsync(fleet["p"], isStreaming);

        if (isStreaming)
        {
            await using var stream = Assert.IsType<ProviderReply.Streaming>(reply).Stream;
            var chunks = await ReadAsync(stream);
            Assert.All(chunks, static chunk => Assert.Contains("choices", chunk, StringComparison.Ordinal));
            Assert.Equal("stop", stream.Facts.FinishReason);
            Assert.Equal("m", stream.Facts.ResponseModel);
        }
        else
        {
            var whole = Assert.IsType<ProviderReply.Whole>(reply);
            Assert.Contains("chat.completion", Encoding.UTF8.GetString(whole.Body.Span), StringComparison.Ordinal);
            Assert.Equal("stop", whole.Facts.FinishReason);
            Assert.True(whole.Facts.InputTokens > 0);
            Assert.True(whole.Facts.OutputTokens > 0);
        }
    }

    [Theory]
    [InlineData(ProviderWire.OpenAi)]
    [InlineData(ProviderWire.Anthropic)]
    public async Task AStreamThatBreaksAfterItsFirstWord_EndsWithAnException(ProviderWire wire)
    {
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", wire, "m")]);
        foreach (var (fault, kind) in new[]
        {
            (Fault.Cut(2), FailureKind.Cut),
            (Fault.Reset(2), FailureKind.Cut),
            (Fault.NoTerminator, FailureKind.Cut),
            (Fault.ErrorEvent(2), FailureKind.StreamError),
        })
        {
            fleet["p"].Behave(fault);
            await using var stream = Assert.IsType<ProviderReply.Streaming>(await SendAsync(fleet["p"], isStreaming: true)).Stream;

            var broken = await Assert.ThrowsAsync<ProviderStreamException>(() => ReadAsync(stream));

            Assert.Equal(kind, broken.Failure.Kind);
        }
    }

    [Fact]
    public async Task AStreamThatBreaksBeforeItsFirstWord_IsAFailedAttempt()
    {
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Cut(0));

        Assert.Equal(FailureKind.Cut, Failure(await SendAsync(fleet["p"], isStreaming: true)).Kind);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(529)]
    public async Task AnErrorStatus_IsReportedWithThePauseAskedFor(int status)
    {
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Status(status, TimeSpan.FromSeconds(7)));

        Assert.Equal(new ProviderFailure(FailureKind.Status, status, TimeSpan.FromSeconds(7)), Failure(await SendAsync(fleet["p"], isStreaming: false)));
    }

    [Fact]
    public async Task ARedirect_IsNeverFollowed()
    {
        await using var fleet = await SimulatedFleet.StartAsync(
            [new ProviderProfile("p", ProviderWire.OpenAi, "m"), new ProviderProfile("other", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Redirect(new Uri(fleet["other"].BaseUrl, "/v1/chat/completions")));

        Assert.Equal(FailureKind.Redirect, Failure(await SendAsync(fleet["p"], isStreaming: false)).Kind);
        Assert.Equal(0, fleet["other"].RequestCount);
    }

    [Fact]
    public async Task AnAnswerOverTheLimit_IsRefused()
    {
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.OversizeAnswer(ProviderCall.MaxAnswerBytes));

        Assert.Equal(FailureKind.Malformed, Failure(await SendAsync(fleet["p"], isStreaming: false)).Kind);
    }

    [Theory]
    [InlineData("text/html", null, "{\"choices\":[]}")]
    [InlineData("application/json", "gzip", "{\"choices\":[]}")]
    [InlineData("application/json", null, "{\"choices\":[")]
    [InlineData("application/json", null, "{}")]
    [InlineData("application/json", null, "")]
    [InlineData("application/json", null, "{\"choices\":[{\"message\":{\"content\":\"\\ud800\"}}]}")]
    public async Task AnAnswerOfAnotherForm_IsMalformed(string type, string? encoding, string body)
    {
        await using var provider = await ScriptedProvider.StartAsync(http =>
        {
            http.Response.ContentType = type;
            http.Response.Headers.ContentEncoding = encoding;
            return http.Response.WriteAsync(body);
        });

        Assert.Equal(FailureKind.Malformed, Failure(await SendAsync(Endpoints.At(provider.Url), isStreaming: false)).Kind);
    }

    [Fact]
    public async Task NobodyListening_IsAConnectFailure()
    {
        Uri url;
        await using (var provider = await ScriptedProvider.StreamingAsync(""))
        {
            url = provider.Url;
        }

        Assert.Equal(FailureKind.ConnectFailed, Failure(await SendAsync(Endpoints.At(url), isStreaming: false)).Kind);
    }

    [Fact]
    public async Task AProviderThatNeverAnswersAStream_MissesTheFirstTokenDeadline()
    {
        FakeTimeProvider time = new();
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Hang);

        var sending = SendAsync(fleet["p"], isStreaming: true, time);
        await fleet["p"].WaitForAsync(static _ => true);
        time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(FailureKind.FirstTokenTimeout, Failure(await sending.WaitAsync(GenerousWait)).Kind);
    }

    [Fact]
    public async Task AProviderThatNeverAnswers_MissesTheTotalDeadline()
    {
        FakeTimeProvider time = new();
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Hang);

        var sending = SendAsync(fleet["p"], isStreaming: false, time);
        await fleet["p"].WaitForAsync(static _ => true);
        time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(FailureKind.TotalTimeout, Failure(await sending.WaitAsync(GenerousWait)).Kind);
    }

    [Fact]
    public async Task AStalledStream_MissesTheDeadlineBetweenTokens()
    {
        FakeTimeProvider time = new();
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Stall(2));
        await using var stream = Assert.IsType<ProviderReply.Streaming>(await SendAsync(fleet["p"], isStreaming: true, time)).Stream;

        await using var chunks = stream.ChunksAsync(CancellationToken.None).GetAsyncEnumerator();
        while (chunks.MoveNextAsync().AsTask() is var next)
        {
            if (!next.IsCompleted && await Task.WhenAny(next, fleet["p"].WaitForAsync(static request => request.IsWaiting)) != next)
            {
                time.Advance(TimeSpan.FromSeconds(16));
                var broken = await Assert.ThrowsAsync<ProviderStreamException>(() => next.WaitAsync(GenerousWait));
                Assert.Equal(FailureKind.BetweenTokensTimeout, broken.Failure.Kind);
                return;
            }

            Assert.True(await next.WaitAsync(GenerousWait));
        }
    }

    [Fact]
    public async Task DisposingAStream_ReachesTheProviderAtOnce()
    {
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Stall(2));
        var stream = Assert.IsType<ProviderReply.Streaming>(await SendAsync(fleet["p"], isStreaming: true)).Stream;

        await stream.DisposeAsync();

        await (await fleet["p"].WaitForAsync(static _ => true)).AbortSeen.WaitAsync(GenerousWait);
    }

    [Fact]
    public async Task TheCallersLeaving_IsACancellationAndNoFailure()
    {
        await using var fleet = await SimulatedFleet.StartAsync([new ProviderProfile("p", ProviderWire.OpenAi, "m")]);
        fleet["p"].Behave(Fault.Hang);
        using CancellationTokenSource caller = new();

        var sending = SendAsync(fleet["p"], isStreaming: true, cancellationToken: caller.Token);
        await fleet["p"].WaitForAsync(static _ => true);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(GenerousWait));
    }

    private static ProviderFailure Failure(ProviderReply reply) => Assert.IsType<ProviderReply.Failed>(reply).Failure;

    private static async Task<List<string>> ReadAsync(ProviderStream stream)
    {
        List<string> chunks = [];
        await foreach (var chunk in stream.ChunksAsync(CancellationToken.None))
        {
            chunks.Add(Encoding.UTF8.GetString(chunk.Bytes.Span));
        }

        return chunks;
    }

    private static Task<ProviderReply> SendAsync(
        SimulatedProvider provider, bool isStreaming, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        var wire = provider.Wire switch
        {
            ProviderWire.AzureOpenAi => WireFormat.AzureOpenAi,
            ProviderWire.Anthropic => WireFormat.Anthropic,
            _ => WireFormat.OpenAi,
        };
        return SendAsync(Endpoints.At(provider.BaseUrl, wire), isStreaming, time, provider.Credential, cancellationToken);
    }

    private static Task<ProviderReply> SendAsync(
        Endpoint endpoint, bool isStreaming, TimeProvider? time = null, string? secret = null, CancellationToken cancellationToken = default) =>
        Endpoints.SendAsync(
            endpoint, Encoding.UTF8.GetBytes(isStreaming ? StreamedPrompt : Prompt), isStreaming, time: time, secret: secret, cancellationToken: cancellationToken);
}
