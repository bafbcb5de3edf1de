using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>When nobody permitted answers, and the route says so, people take over: the caller is told, the desk gets the redacted request, the log has both.</summary>
public class HandOffTests
{
    private const string Message = "A colleague will answer you shortly.";
    private const string Secret = "whsec_c2lnbmluZy1rZXktb2YtdGhlLWRlc2s=";

    private static readonly string[] Identifiers = ["MRN-48151623", "123-45-6789", "jane.roe@mail.example.com", "(415) 555-0133"];
    private static readonly string Prompt = $"MRN: {Identifiers[0]}, SSN {Identifiers[1]}, e-mail {Identifiers[2]}, phone {Identifiers[3]}. Why was the claim rejected?";

    [Theory]
    [InlineData("/v1/chat/completions", false)]
    [InlineData("/v1/chat/completions", true)]
    [InlineData("/v1/messages", false)]
    [InlineData("/v1/messages", true)]
    [InlineData("/v1/responses", false)]
    [InlineData("/v1/responses", true)]
    public async Task ExhaustedRoute_AnswersInTheCallersOwnForm_AndTheDeskGetsTheRedactedRequest(string path, bool stream)
    {
        await using var desk = await Webhook.StartAsync();
        await using var gateway = await StartAsync(desk.Url);
        FailAll(gateway);

        var reply = await gateway.AskAtAsync(path, Body(path, stream));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("true", reply.Headers["X-Handed-Off"]);
        Assert.Null(reply.Deployment);
        Assert.Equal(Message, TextOf(path, stream, reply));

        var post = await desk.NextAsync();
        Assert.Equal("/desk", post.Path);
        Assert.Equal(reply.DecisionId.ToString(), post.Data.GetProperty("request_id").GetString());
        Assert.Contains("phi", post.Data.GetProperty("data_classes").EnumerateArray().Select(static label => label.GetString()));
        Assert.Contains("Why was the claim rejected?", post.Body, StringComparison.Ordinal);
        Assert.All(Identifiers, identifier => Assert.DoesNotContain(identifier, post.Body, StringComparison.Ordinal));
        Assert.Equal(SignatureOf(post), post.Headers["webhook-signature"]);

        var outcome = await gateway.OutcomeOfAsync(reply.DecisionId);
        Assert.Equal("handed-off", outcome.GetProperty("outcome").GetString());
        Assert.Equal(4, outcome.GetProperty("attempts").GetInt32());
        var delivered = await EventAsync(gateway, reply.DecisionId, "hand_off_delivered");
        Assert.Equal(202, delivered.GetProperty("httpStatus").GetInt32());
        var authorized = await EventAsync(gateway, reply.DecisionId, "hand_off_authorized");
        Assert.Equal(post.Headers["webhook-id"], authorized.GetProperty("id").GetString());
        Assert.Equal(desk.Url.GetLeftPart(UriPartial.Authority), authorized.GetProperty("webhook").GetString());
        Assert.Equal("status_503", authorized.GetProperty("afterFailure").GetString());
    }

    [Fact]
    public async Task PolicyChangedWhileTheLastProviderFails_SaysWhatTheDeskMaySee()
    {
        const string Project = "Project Falcon";
        await using var desk = await Webhook.StartAsync();
        await using var gateway = await StartAsync(desk.Url, candidates: "[claude-anthropic]");
        gateway.FailOnceThePolicyRedacts("claude-anthropic", Project, "other-identifier");

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", $"What is the status of {Project}?"));

        Assert.Equal("true", reply.Headers["X-Handed-Off"]);
        Assert.DoesNotContain(Project, (await desk.NextAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EvenWhereNoDutyAsksForIt_TheDeskGetsNoIdentifier()
    {
        await using var desk = await Webhook.StartAsync();
        await using var gateway = await StartAsync(desk.Url);
        FailAll(gateway);

        // For treatment the pack lets a business associate see the whole chart.
        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", Prompt), purpose: "treatment");

        Assert.Equal("true", reply.Headers["X-Handed-Off"]);
        Assert.Contains(gateway.Fleet.Received, static sent => sent.Text.Contains(Identifiers[0], StringComparison.Ordinal));
        var post = await desk.NextAsync();
        Assert.All(Identifiers, identifier => Assert.DoesNotContain(identifier, post.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ARequestThatThePolicyRefuses_IsNotHandedOff()
    {
        await using var desk = await Webhook.StartAsync();
        await using var gateway = await StartAsync(desk.Url);

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), dataClass: "sud-part2", purpose: "research");

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Empty(desk.Received);
    }

    [Fact]
    public async Task WhatASentenceIsNoAnswerTo_IsRefused()
    {
        await using var desk = await Webhook.StartAsync();
        await using var gateway = await StartAsync(desk.Url);
        FailAll(gateway);
        var ofAForm = GatewayUnderTest.Chat("clinical-chat", "Summarise.");
        ofAForm["response_format"] = JsonNode.Parse("""{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}}""");

        var embeddings = await gateway.AskAtAsync("/v1/embeddings", new JsonObject { ["model"] = "clinical-chat", ["input"] = "x" });
        var json = await gateway.AskAsync(ofAForm);
        var invalid = GatewayUnderTest.Chat("clinical-chat", "Summarise.");
        gateway.Fleet["claude-anthropic"].Behave(Fault.Status(400));
        var refusedByProvider = await gateway.AskAsync(invalid);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, embeddings.Status);
        Assert.Equal("permitted_providers_unavailable", embeddings.ErrorCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, json.Status);
        Assert.NotEqual(HttpStatusCode.OK, refusedByProvider.Status);
        Assert.Empty(desk.Received);
    }

    [Fact]
    public async Task ADeskThatRefuses_LeavesADeadLetterInTheLog_AndNothingOfThePromptAnywhere()
    {
        using CapturedLog log = new();
        await using var desk = await Webhook.StartAsync(static http =>
        {
            http.Response.StatusCode = 422;
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync(desk.Url, options => options.ConfigureServices = log.AddTo);
        FailAll(gateway);

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "zebrafish " + Prompt));

        var dead = await EventAsync(gateway, reply.DecisionId, "hand_off_dead_lettered");
        Assert.Equal("status_422", dead.GetProperty("failure").GetString());
        Assert.Equal(1, dead.GetProperty("posts").GetInt32());
        var events = string.Concat((await gateway.EventsOfAsync(reply.DecisionId)).Select(static recorded => Encoding.UTF8.GetString(recorded.CanonicalJson.Span)));
        foreach (var secret in (string[])["zebrafish", .. Identifiers, Secret])
        {
            Assert.DoesNotContain(secret, events, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, log.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WhatCannotBeRecorded_IsNotHandedOff()
    {
        var folder = TestFolder.Create("hand-off");
        await using var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        try
        {
            await using var desk = await Webhook.StartAsync();
            await using var gateway = await StartAsync(desk.Url, options => options.ConnectionString = server.ConnectionString, candidates: "[local-llama]");
            gateway.Fleet["local-llama"].Behave(Fault.Hang);

            var asking = gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.", stream: true));
            while (gateway.Fleet.Received.Count == 0)
            {
                await Task.Yield();
            }

            using var postmaster = System.Diagnostics.Process.GetProcessById(server.ProcessId);
            postmaster.Kill(entireProcessTree: true);
            await postmaster.WaitForExitAsync();
            var reply = await asking;

            Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
            Assert.Equal("audit_unavailable", reply.ErrorCode);
            Assert.Empty(desk.Received);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<GatewayUnderTest> StartAsync(Uri desk, Action<Cli.Demo.SimulatedStackOptions>? configure = null, string? candidates = null) => GatewayUnderTest.StartAsync(options =>
    {
        configure?.Invoke(options);
        options.EditPolicies = policies =>
        {
            var secret = Path.Combine(Path.GetDirectoryName(policies)!, "keys", "desk");
            File.WriteAllText(secret, Secret);
            var routes = Path.Combine(policies, "routes.yaml");
            var text = File.ReadAllText(routes).Replace(
                "when exhausted: refuse", $"when exhausted: hand off\n    hand off: {{message: {Message}, webhook: \"{desk}\", credential: \"file:{secret}\"}}", StringComparison.Ordinal);
            File.WriteAllText(routes, candidates is null ? text : text.Replace("[claude-anthropic, claude-aws-us, azure-gpt4o-eastus, local-llama]", candidates, StringComparison.Ordinal));
        };
    });

    private static void FailAll(GatewayUnderTest gateway)
    {
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Behave(Fault.Unavailable);
        }
    }

    private static JsonObject Body(string path, bool stream) => path switch
    {
        "/v1/responses" => new() { ["model"] = "clinical-chat", ["stream"] = stream, ["input"] = Prompt },
        "/v1/messages" => new()
        {
            ["model"] = "clinical-chat", ["stream"] = stream, ["max_tokens"] = 100,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Prompt }),
        },
        _ => GatewayUnderTest.Chat("clinical-chat", Prompt, stream),
    };

    /// <summary>The text of the answer, with what makes it a whole one asserted.</summary>
    private static string TextOf(string path, bool stream, Reply reply)
    {
        var events = reply.Events;
        switch (path, stream)
        {
            case ("/v1/chat/completions", false):
                Assert.Equal("stop", reply.Json.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
                return reply.Content;
            case ("/v1/chat/completions", true):
                Assert.Equal("[DONE]", events[^1]);
                Assert.Contains("\"finish_reason\":\"stop\"", events[^2], StringComparison.Ordinal);
                return reply.StreamedContent;
            case ("/v1/messages", false):
                Assert.Equal("end_turn", reply.Json.GetProperty("stop_reason").GetString());
                return reply.Json.GetProperty("content")[0].GetProperty("text").GetString()!;
            case ("/v1/messages", true):
                Assert.Contains("message_start", events[0], StringComparison.Ordinal);
                Assert.Contains("message_stop", events[^1], StringComparison.Ordinal);
                return string.Concat(Deltas(events, "content_block_delta").Select(static delta => delta.GetProperty("delta").GetProperty("text").GetString()));
            case ("/v1/responses", false):
                Assert.Equal("completed", reply.Json.GetProperty("status").GetString());
                return reply.Json.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!;
            default:
                Assert.Contains("response.completed", events[^1], StringComparison.Ordinal);
                return string.Concat(Deltas(events, "response.output_text.delta").Select(static delta => delta.GetProperty("delta").GetString()));
        }
    }

    private static IEnumerable<JsonElement> Deltas(IReadOnlyList<string> events, string type) => events
        .Select(static data => JsonDocument.Parse(data).RootElement)
        .Where(element => element.GetProperty("type").GetString() == type);

    /// <summary>What a recipient computes, by the words of Standard Webhooks.</summary>
    private static string SignatureOf(Webhook.Post post)
    {
        var key = Convert.FromBase64String(Secret["whsec_".Length..]);
        var signed = Encoding.UTF8.GetBytes($"{post.Headers["webhook-id"]}.{post.Headers["webhook-timestamp"]}.{post.Body}");
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}";
    }

    private static async Task<JsonElement> EventAsync(GatewayUnderTest gateway, Guid request, string type)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            if ((await gateway.EventsOfAsync(request)).FirstOrDefault(recorded => recorded.Type == type) is { } found)
            {
                return JsonDocument.Parse(found.CanonicalJson).RootElement;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
