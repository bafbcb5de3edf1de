using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

public class FailoverTests
{
    public static TheoryData<string> BeforeTheFirstByte() =>
        ["401", "403", "429", "429-later", "500", "503", "529", "hang", "cut", "reset", "malformed", "stall"];

    [Theory]
    [MemberData(nameof(BeforeTheFirstByte))]
    public async Task FailureBeforeTheFirstByte_MovesToThePermittedTargetThatSharesLeastWithIt(string failure)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].Behave(FaultOf(failure));

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma.", stream: true));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(2, reply.Attempts);
        Assert.Equal("[DONE]", reply.Events[^1]);
        Assert.Contains("asthma", reply.StreamedContent, StringComparison.Ordinal);
        Assert.Contains(reply.Deployment, new[] { "azure-gpt4o-eastus", "claude-aws-us", "local-llama" });
        var events = await gateway.EventsOfAsync(reply.DecisionId);
        var authorized = events
            .Select(static recorded => JsonDocument.Parse(recorded.CanonicalJson).RootElement)
            .Where(static json => json.TryGetProperty("authorizedDeployment", out var deployment) && deployment.ValueKind == JsonValueKind.String)
            .Select(static json => json.GetProperty("authorizedDeployment").GetString());
        Assert.Equal(["claude-anthropic", reply.Deployment], authorized);
    }

    /// <summary>The deadlines of the shipped endpoints: as long for a whole answer as the request has.</summary>
    [Theory]
    [InlineData("clinical-chat", HttpStatusCode.OK, 2)]
    [InlineData("claude-anthropic", HttpStatusCode.GatewayTimeout, 1)]
    public async Task WholeAnswerThatNeverComes_LeavesHalfOfTheTime_ToTheNextTargetIfThereIsOne(string model, HttpStatusCode status, int attempts)
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.Time = time;
            options.EditPolicies = static policies =>
            {
                var file = Path.Combine(policies, "endpoints.yaml");
                File.WriteAllText(file, File.ReadAllText(file).Replace("total: 3s", "total: 5m", StringComparison.Ordinal));
            };
        });
        gateway.Fleet["claude-anthropic"].Behave(Fault.Hang);

        var asking = gateway.AskAsync(GatewayUnderTest.Chat(model, "Summarise."));
        await gateway.Fleet["claude-anthropic"].WaitForAsync(static request => request.IsWaiting);
        time.Advance(TimeSpan.FromMinutes(2.5));
        if (attempts == 1)
        {
            // Nobody else: it keeps all the time there is.
            Assert.False(asking.IsCompleted);
            Assert.False(gateway.Fleet["claude-anthropic"].Received[0].ClientAborted);
            time.Advance(TimeSpan.FromMinutes(2.5));
        }

        var reply = await asking;
        Assert.Equal(status, reply.Status);
        Assert.Equal(attempts, gateway.Fleet.Received.Count);
    }

    [Fact]
    public async Task EverythingPermittedIsDown_GivesAClearError_AndNothingGoesAnywhereElse()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        string[] permitted = ["claude-anthropic", "claude-aws-us", "azure-gpt4o-eastus", "local-llama"];
        foreach (var name in permitted)
        {
            gateway.Fleet[name].Behave(Fault.Unavailable);
        }

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Equal("permitted_providers_unavailable", reply.ErrorCode);
        var pause = int.Parse(reply.Headers["retry-after-ms"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(pause, 2_000, 10_000);
        Assert.Equal((pause + 999) / 1_000, int.Parse(reply.Headers["retry-after"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("false", reply.Headers["x-should-retry"]);
        Assert.All(gateway.Fleet.Received, received => Assert.Contains(received.Provider, permitted));
        var outcome = await gateway.OutcomeOfAsync(reply.DecisionId);
        Assert.Equal("failed", outcome.GetProperty("outcome").GetString());
        Assert.Equal(4, outcome.GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task RequestThatAProviderCallsInvalid_IsNotPassedAround()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].Behave(Fault.Status(400));

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Single(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("reset")]
    [InlineData("malformed")]
    [InlineData("error-event")]
    [InlineData("no-end")]
    public async Task StreamThatBreaksAfterItsFirstByte_EndsInAnErrorEvent_NotInDone_AndIsNotRetried(string failure)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].Behave(failure switch
        {
            "cut" => Fault.Cut(),
            "reset" => Fault.Reset(),
            "malformed" => Fault.Malformed(),
            "error-event" => Fault.ErrorEvent(),
            _ => Fault.NoTerminator,
        });

        using var response = await gateway.OpenAsync(
            GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma and everything that has to do with it.", stream: true), CancellationToken.None);
        var (text, broken) = await ReadToBreakAsync(response);

        Assert.True(broken, "the connection ended as if the answer were whole");
        Assert.Contains("\"error\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        Assert.Single(gateway.Fleet.Received);
        var outcome = await gateway.OutcomeOfAsync(Guid.Parse(response.Headers.GetValues("X-Decision-Id").Single()));
        Assert.Equal("incomplete", outcome.GetProperty("outcome").GetString());
        Assert.True(outcome.GetProperty("outputTokens").GetInt64() > 2, outcome.GetRawText());
    }

    [Fact]
    public async Task CallerThatLeaves_CancelsTheProvider_AndIsRecorded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].Behave(Fault.Stall());
        using CancellationTokenSource leaving = new();

        using var response = await gateway.OpenAsync(
            GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma and everything that has to do with it.", stream: true), leaving.Token);
        var id = Guid.Parse(response.Headers.GetValues("X-Decision-Id").Single());
        response.Dispose();

        var received = await gateway.Fleet["claude-anthropic"].WaitForAsync(static request => request.ClientAborted);
        Assert.True(received.ClientAborted);
        Assert.Equal("cancelled", (await gateway.OutcomeOfAsync(id)).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task AfterRepeatedFailures_TheTargetIsSkipped_AndTheNextOneIsFirst()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].Behave(Fault.Unauthorized);
        for (var i = 0; i < 3; i++)
        {
            await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        }

        var before = gateway.Fleet["claude-anthropic"].RequestCount;
        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(1, reply.Attempts);
        Assert.NotEqual("claude-anthropic", reply.Deployment);
        Assert.Equal(before, gateway.Fleet["claude-anthropic"].RequestCount);
    }

    private static async Task<(string Text, bool Broken)> ReadToBreakAsync(HttpResponseMessage response)
    {
        await using var stream = await response.Content.ReadAsStreamAsync();
        using MemoryStream read = new();
        try
        {
            await stream.CopyToAsync(read);
            return (System.Text.Encoding.UTF8.GetString(read.ToArray()), false);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            return (System.Text.Encoding.UTF8.GetString(read.ToArray()), true);
        }
    }

    private static Fault FaultOf(string failure) => failure switch
    {
        "429" => Fault.RateLimited(),
        "429-later" => Fault.RateLimited(TimeSpan.FromSeconds(30)),
        "hang" => Fault.Hang,
        "cut" => Fault.Cut(after: 0),
        "reset" => Fault.Reset(after: 0),
        "malformed" => Fault.Malformed(after: 0),
        "stall" => Fault.Stall(after: 0),
        _ => Fault.Status(int.Parse(failure, System.Globalization.CultureInfo.InvariantCulture)),
    };
}
