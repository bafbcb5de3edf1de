using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Network;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>Errors at random, and connections that break, stall or crumble anywhere.</summary>
public sealed class NetworkChaosTests
{
    private const string First = "claude-anthropic";

    [Theory]
    [InlineData(0.05, 0.999)]
    [InlineData(0.25, 0.99)]
    [InlineData(0.35, 0.98)]
    public async Task RandomErrorsOfOneProvider_AreSeenByAlmostNobody_WhileAnotherIsPermitted(double share, double answered)
    {
        await using var chaos = await ChaosStack.StartAsync();
        chaos.Gateway.Fleet[First].Behave(Fault.ServerError, share);

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            List<Reply> mine = [];
            for (var i = 0; i < 25; i++)
            {
                mine.Add(await chaos.AskAsync(chaos.Question()));
            }

            return mine;
        })));

        var all = replies.SelectMany(static mine => mine).ToList();
        Assert.True(all.Count(static reply => reply.Status == HttpStatusCode.OK) >= answered * all.Count, string.Join(' ', all.CountBy(static reply => reply.Status)));
        await chaos.AssertPromisesAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ConnectionThatEndsAnywhere_IsNeverTakenForTheEndOfAnAnswer(bool reset)
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using var chaos = await ChaosStack.StartAsync(options => options.Time = time);
        var whole = string.Concat(Enumerable.Range(0, 60).Select(static number => $"Word {number}, "));
        foreach (var provider in chaos.Gateway.Fleet.Providers)
        {
            provider.AnswerWith(_ => new Answer(whole));
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var bytes = 0; bytes < 6_000; bytes += 250)
        {
            // What broke before is forgotten: each place is tried with the first target.
            time.Advance(TimeSpan.FromMinutes(2));
            chaos.Network[First].Conditions = reset ? new() { ResetAfterBytes = bytes } : new() { CutAfterBytes = bytes };

            using var response = await chaos.OpenAsync(chaos.Question(), CancellationToken.None);
            var (text, isBroken) = await ReadAsync(response);

            if (isBroken)
            {
                Assert.Contains("\"error\"", text, StringComparison.Ordinal);
                Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
                seen.Add("broken");
            }
            else
            {
                Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
                Assert.Equal(whole, ContentOf(text));
                seen.Add(response.Headers.GetValues("X-Deployment").Single() == First ? "whole" : "elsewhere");
            }
        }

        Assert.Superset(new HashSet<string> { "broken", "elsewhere" }, seen);
        await chaos.AssertPromisesAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerThatArrivesByteByByte_IsWhole(bool stream)
    {
        await using var chaos = await ChaosStack.StartAsync();
        var question = chaos.Question();
        var expected = await chaos.AskAsync(question, stream);
        chaos.Network[First].Conditions = new() { OneByteSlices = true };

        var sliced = await chaos.AskAsync(question, stream);

        Assert.Equal((HttpStatusCode.OK, First), (sliced.Status, sliced.Deployment));
        Assert.Equal(stream ? expected.StreamedContent : expected.Content, stream ? sliced.StreamedContent : sliced.Content);
    }

    [Fact]
    public async Task ProviderThatFallsSilentInMidStream_EndsTheAnswerWithAnError_AndWhatWasSaidIsRecorded()
    {
        await using var chaos = await ChaosStack.StartAsync();
        chaos.Gateway.Fleet[First].Behave(Fault.Stall(after: 4));

        using var response = await chaos.OpenAsync(chaos.Question(), CancellationToken.None);
        var (text, isBroken) = await ReadAsync(response);

        Assert.True(isBroken);
        Assert.Contains("between_tokens", text, StringComparison.Ordinal);
        var outcome = await chaos.Gateway.OutcomeOfAsync(Guid.Parse(response.Headers.GetValues("X-Decision-Id").Single()));
        Assert.Equal("incomplete", outcome.GetProperty("outcome").GetString());
        Assert.True(outcome.GetProperty("outputTokens").GetInt64() > 0);
        Assert.Single(chaos.Gateway.Fleet.Received);
        await chaos.AssertPromisesAsync();
    }

    [Fact]
    public async Task WayToOneProviderThatSwallowsEverything_CostsItsDeadline_AndTheNextAnswers()
    {
        await using var chaos = await ChaosStack.StartAsync();
        chaos.Network[First].Conditions = new() { Stall = true };

        var reply = await chaos.AskAsync(chaos.Question(), stream: true);

        Assert.Equal((HttpStatusCode.OK, 2), (reply.Status, reply.Attempts));
        Assert.NotEqual(First, reply.Deployment);
        await chaos.AssertPromisesAsync();
    }

    [Fact]
    public async Task RegionThatIsDead_LeavesItsDataWithoutAnswer_RatherThanElsewhere()
    {
        // Without the transfer agreement the data of people in the EEA stays there.
        await using var chaos = await ChaosStack.StartAsync(static options => options.EditPolicies = static policies =>
        {
            var registry = Path.Combine(policies, "registry.yaml");
            File.WriteAllText(registry, File.ReadAllText(registry).Replace("- {from: eea, to: us}", "- {from: uk, to: us}", StringComparison.Ordinal));
        });
        chaos.Network["mistral-eu"].Conditions = new() { ResetOnConnect = true };

        var reply = await chaos.AskAsync(chaos.Question("the invoice"), model: "eu-support", dataClass: "pii", subjects: "eea", purpose: "customer-service");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "permitted_providers_unavailable"), (reply.Status, reply.ErrorCode));
        Assert.Empty(chaos.Gateway.Fleet.Received);
        await chaos.AssertPromisesAsync();
    }

    [Fact]
    public async Task RegionThatIsDead_IsLeft_WhereTheLawAllowsIt_AndTheRecordSaysWhy()
    {
        await using var chaos = await ChaosStack.StartAsync();
        chaos.Network["mistral-eu"].Conditions = new() { ResetOnConnect = true };

        var reply = await chaos.AskAsync(chaos.Question("the invoice"), model: "eu-support", dataClass: "pii", subjects: "eea", purpose: "customer-service");

        Assert.Equal((HttpStatusCode.OK, "azure-gpt4o-eastus"), (reply.Status, reply.Deployment));
        var attempt = (await chaos.Gateway.EventsOfAsync(reply.DecisionId)).Single(static recorded => recorded.Type == "attempt_authorized");
        Assert.Contains("\"afterFailure\":\"connect", Encoding.UTF8.GetString(attempt.CanonicalJson.Span), StringComparison.Ordinal);
        await chaos.AssertPromisesAsync();
    }

    private static async Task<(string Text, bool IsBroken)> ReadAsync(HttpResponseMessage response)
    {
        using MemoryStream read = new();
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.CopyToAsync(read);
            return (Encoding.UTF8.GetString(read.ToArray()), false);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            return (Encoding.UTF8.GetString(read.ToArray()), true);
        }
    }

    private static string ContentOf(string text) => new Reply(HttpStatusCode.OK, text, new Dictionary<string, string>()).StreamedContent;
}
