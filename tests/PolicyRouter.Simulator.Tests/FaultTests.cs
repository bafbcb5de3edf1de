using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Receiving;

namespace PolicyRouter.Simulator.Tests;

public sealed class FaultTests : FleetTests
{
    private const string Question = "Write to PERSON_7QX_1 about a long enough matter";

    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.OpenAi, FleetOf.Azure, FleetOf.Anthropic];

    [Theory]
    [CombinedWires(401, 403, 429, 500, 503, 529)]
    public async Task AnErrorStatus_ComesInTheWiresOwnShape_ForPlainAndStreamedQuestions(ProviderWire wire, int status)
    {
        var provider = Fleet.Of(wire);
        provider.Behave(Fault.Status(status));

        foreach (var stream in new[] { false, true })
        {
            using var response = await Client.AskAsync(provider, Question, stream);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
            Assert.Null(response.Headers.RetryAfter);
            var json = await Talk.JsonAsync(response);
            Assert.NotEmpty(json.GetProperty("error").GetProperty("message").GetString()!);
            Assert.Equal(wire is ProviderWire.Anthropic, json.TryGetProperty("request_id", out _));
        }

        Assert.All(provider.Received, request => Assert.Equal(status, request.Status));
    }

    [Theory]
    [CombinedWires]
    public async Task AFaultChosenByTheBody_MeetsThatRequestOnly_UntilAnotherBehaviourIsSet(ProviderWire wire)
    {
        var provider = Fleet.Of(wire);
        provider.BehaveBy(static body => body.Span.IndexOf("unlucky"u8) >= 0 ? Fault.Unavailable : Fault.None);

        Assert.Equal(200, await StatusAsync(Question));
        Assert.Equal(503, await StatusAsync("an unlucky one"));
        Assert.Equal(200, await StatusAsync(Question));
        provider.Recover();
        Assert.Equal(200, await StatusAsync("an unlucky one"));

        async Task<int> StatusAsync(string question)
        {
            using var response = await Client.AskAsync(provider, question);
            return (int)response.StatusCode;
        }
    }

    [Theory]
    [CombinedWires]
    public async Task ARateLimitWithADelay_SaysRetryAfter(ProviderWire wire)
    {
        Fleet.Of(wire).Behave(Fault.RateLimited(TimeSpan.FromSeconds(7)));
        using var response = await Client.AskAsync(Fleet.Of(wire), Question);

        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
    }

    [Theory]
    [CombinedWires(0, 1)]
    public async Task AHang_NeverAnswers_AndSeesTheClientLeave(ProviderWire wire, int stream)
    {
        var provider = Fleet.Of(wire);
        provider.Behave(Fault.Hang);
        using CancellationTokenSource leave = new();
        var asking = Client.AskAsync(provider, Question, stream == 1, leave.Token);
        var received = await provider.WaitForAsync(request => request.IsWaiting);
        Assert.False(asking.IsCompleted);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await received.AbortSeen.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(RequestOutcome.ClientAborted, received.Outcome);
        Assert.Null(received.Status);
    }

    [Theory]
    [CombinedWires(0, 1, 4)]
    public async Task AStall_DeliversSomePieces_ThenNothing_UntilTheClientLeaves(ProviderWire wire, int after)
    {
        var provider = Fleet.Of(wire);
        provider.Behave(Fault.Stall(after));
        using CancellationTokenSource leave = new();
        using (var response = await Client.AskAsync(provider, Question, stream: true, leave.Token))
        {
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
            for (var pieces = 0; pieces < after;)
            {
                var line = await reader.ReadLineAsync();
                pieces += line!.Contains("\"content\":\"", StringComparison.Ordinal) && !line.Contains("\"role\"", StringComparison.Ordinal)
                    || line.Contains("\"text_delta\"", StringComparison.Ordinal) ? 1 : 0;
            }

            var received = await provider.WaitForAsync(request => request.IsWaiting);
            Assert.Equal(RequestOutcome.Pending, received.Outcome);
        }

        Assert.True((await provider.WaitForAsync(request => request.ClientAborted)).AbortSeen.IsCompletedSuccessfully);
    }

    [Theory]
    [CombinedWires(0, 1)]
    public async Task ACut_EndsTheConnectionBeforeTheAnswer_AfterEverythingBeforeItHasArrived(ProviderWire wire, int stream)
    {
        var provider = Fleet.Of(wire);
        provider.Behave(Fault.Cut(after: 4));
        using var response = await Client.AskAsync(provider, Question, stream == 1);
        var (text, broken) = await Talk.ReadUntilBrokenAsync(response);

        var ended = Assert.IsType<HttpIOException>(broken);
        Assert.Equal(HttpRequestError.ResponseEnded, ended.HttpRequestError);
        Assert.NotEmpty(text);
        Assert.Equal(stream == 1 ? 4 : 0, PiecesIn(text));
        Assert.Equal(RequestOutcome.BrokenByFault, provider.Received.Single().Outcome);
    }

    [Theory]
    [CombinedWires(0, 1)]
    public async Task AReset_ResetsTheConnectionBeforeTheAnswerHasEnded(ProviderWire wire, int stream)
    {
        var provider = Fleet.Of(wire);
        provider.Behave(Fault.Reset(after: 4));

        // The reset may overtake the headers on the client's side: it is a reset all the same.
        Exception? broken;
        try
        {
            using var response = await Client.AskAsync(provider, Question, stream == 1);
            (_, broken) = await Talk.ReadUntilBrokenAsync(response);
        }
        catch (HttpRequestException exception)
        {
            broken = exception;
        }

        Assert.Equal(SocketError.ConnectionReset, SocketErrorOf(broken));
        Assert.Equal(RequestOutcome.BrokenByFault, (await provider.WaitForAsync(request => request.Outcome is not RequestOutcome.Pending)).Outcome);
    }

    [Theory]
    [CombinedWires]
    public async Task AMalformedStream_ContainsAnEventThatIsNoJson_AndNoTerminator(ProviderWire wire)
    {
        Fleet.Of(wire).Behave(Fault.Malformed(after: 2));
        using var response = await Client.AskAsync(Fleet.Of(wire), Question, stream: true);

        var events = await Talk.EventsAsync(response);
        Assert.ThrowsAny<JsonException>(() => events[^1].Json);
        Assert.DoesNotContain(events, IsTerminator);
    }

    [Theory]
    [CombinedWires]
    public async Task AMalformedWholeAnswer_IsNoJson(ProviderWire wire)
    {
        Fleet.Of(wire).Behave(Fault.Malformed());
        using var response = await Client.AskAsync(Fleet.Of(wire), Question);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<JsonException>(() => Talk.JsonAsync(response));
    }

    [Theory]
    [CombinedWires]
    public async Task AMissingTerminator_IsTheOnlyThingMissing(ProviderWire wire)
    {
        Fleet.Of(wire).Behave(Fault.NoTerminator);
        using var response = await Client.AskAsync(Fleet.Of(wire), Question, stream: true);

        var events = await Talk.EventsAsync(response);
        Assert.Contains(Question, SseEvent.TextOf(events), StringComparison.Ordinal);
        Assert.DoesNotContain(events, IsTerminator);
    }

    [Theory]
    [CombinedWires]
    public async Task AnErrorEvent_EndsTheStream_WithoutTerminatorOrFinishReason(ProviderWire wire)
    {
        Fleet.Of(wire).Behave(Fault.ErrorEvent(after: 2));
        using var response = await Client.AskAsync(Fleet.Of(wire), Question, stream: true);
        using var whole = await Client.AskAsync(Fleet.Of(wire), Question);

        var events = await Talk.EventsAsync(response);
        Assert.Equal(wire is ProviderWire.Anthropic ? "error" : null, events[^1].Name);
        Assert.NotEmpty(events[^1].Json.GetProperty("error").GetProperty("message").GetString()!);
        Assert.DoesNotContain(events, IsTerminator);
        Assert.DoesNotContain(events, item => item.Data.Contains("\"finish_reason\":\"", StringComparison.Ordinal) || item.Name is "message_delta");
        Assert.Equal(HttpStatusCode.InternalServerError, whole.StatusCode);
    }

    [Theory]
    [CombinedWires]
    public async Task AWrongModel_IsNamedInWholeAndStreamedAnswers(ProviderWire wire)
    {
        Fleet.Of(wire).Behave(Fault.WrongModel("something-cheaper"));
        using var whole = await Client.AskAsync(Fleet.Of(wire), Question);
        using var streamed = await Client.AskAsync(Fleet.Of(wire), Question, stream: true);

        Assert.Equal("something-cheaper", (await Talk.JsonAsync(whole)).GetProperty("model").GetString());
        Assert.Contains("\"model\":\"something-cheaper\"", await streamed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [CombinedWires]
    public async Task ARedirect_PointsElsewhere(ProviderWire wire)
    {
        var elsewhere = new Uri(Fleet.Of(wire).BaseUrl, "/stolen");
        Fleet.Of(wire).Behave(Fault.Redirect(elsewhere));
        using var response = await Client.AskAsync(Fleet.Of(wire), Question);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal(elsewhere, response.Headers.Location);
    }

    [Theory]
    [CombinedWires(0, 1)]
    public async Task AnOversizeAnswer_HasTheSizeAskedFor(ProviderWire wire, int stream)
    {
        Fleet.Of(wire).Behave(Fault.OversizeAnswer(3_000_000));
        using var response = await Client.AskAsync(Fleet.Of(wire), Question, stream == 1);

        var text = await response.Content.ReadAsStringAsync();
        Assert.InRange(text.Length, 3_000_000, 3_600_000);
        Assert.Equal(3_000_000, (stream == 1 ? SseEvent.TextOf(SseEvent.Parse(text)) : Talk.TextOf(JsonDocument.Parse(text).RootElement)).Length);
    }

    [Theory]
    [CombinedWires]
    public async Task AnEmptyAnswer_IsWellFormed(ProviderWire wire)
    {
        Fleet.Of(wire).Behave(Fault.EmptyAnswer);
        using var whole = await Client.AskAsync(Fleet.Of(wire), Question);
        using var streamed = await Client.AskAsync(Fleet.Of(wire), Question, stream: true);

        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal(JsonValueKind.Object, (await Talk.JsonAsync(whole)).ValueKind);
        var events = await Talk.EventsAsync(streamed);
        Assert.Equal("", SseEvent.TextOf(events));
        Assert.True(IsTerminator(events[^1]));
    }

    [Fact]
    public async Task AScript_ComesFirst_ThenTheStandingBehaviour_ThenRecovery()
    {
        Provider.Behave(Fault.Unavailable);
        Provider.Next(Fault.Overloaded, Fault.None);
        Provider.Next(2, Fault.Unauthorized);
        List<int> statuses = [];
        for (var i = 0; i < 5; i++)
        {
            using var response = await Client.AskAsync(Provider, Question);
            statuses.Add((int)response.StatusCode);
        }

        Provider.Recover();
        using var recovered = await Client.AskAsync(Provider, Question);

        Assert.Equal([529, 200, 401, 401, 503], statuses);
        Assert.Equal(HttpStatusCode.OK, recovered.StatusCode);
    }

    [Fact]
    public async Task AFaultOfOneProvider_LeavesTheOthersAlone()
    {
        Provider.Behave(Fault.Hang);
        using var response = await Client.AskAsync(Fleet["azure-eastus"], Question);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static bool IsTerminator(SseEvent item) => item.Data == "[DONE]" || item.Name is "message_stop";

    private static int PiecesIn(string text) =>
        SseEvent.Parse(text).Count(item => item.Name is "content_block_delta"
            || (item.Data.Contains("\"delta\":{\"content\":", StringComparison.Ordinal)));

    private static SocketError? SocketErrorOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is SocketException socket)
            {
                return socket.SocketErrorCode;
            }
        }

        return null;
    }
}
