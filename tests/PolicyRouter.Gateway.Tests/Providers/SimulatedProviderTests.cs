using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Tests.Wire;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Simulator;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Receiving;
using Endpoint = PolicyRouter.Policies.Facts.Endpoint;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>
/// Every API of callers at every kind of provider, over sockets to providers that refuse a wrong path, head, credential or body: what comes back is what was
/// answered, in the caller's own form.
/// </summary>
public sealed class SimulatedProviderTests
{
    private const string Said = "Fünf Wörter, a \u2028 and a 🙂 in it";
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAA";

    private static readonly (string Name, ProviderWire Wire, string Model)[] Providers =
    [
        ("openai", ProviderWire.OpenAi, "gpt-4o"),
        ("azure", ProviderWire.AzureOpenAi, "gpt-4o"),
        ("azure-dated", ProviderWire.AzureOpenAi, "gpt-4o"),
        ("anthropic", ProviderWire.Anthropic, "claude-sonnet-4-6"),
        ("bedrock-claude", ProviderWire.Bedrock, "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("bedrock-open", ProviderWire.Bedrock, "openai.gpt-oss-120b-1:0"),
        ("vertex-claude", ProviderWire.VertexAnthropic, "claude-sonnet-4-5@20250929"),
        ("vertex-gemini", ProviderWire.VertexGemini, "gemini-3-pro"),
    ];

    private static readonly string[] Apis = ["chat", "messages", "responses"];

    public static TheoryData<string, string, bool> Matrix
    {
        get
        {
            TheoryData<string, string, bool> matrix = [];
            foreach (var (name, _, _) in Providers)
            {
                foreach (var api in Apis)
                {
                    matrix.Add(name, api, false);
                    matrix.Add(name, api, true);
                }
            }

            return matrix;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task ATextAnswer_ArrivesInTheCallersForm(string name, string api, bool isStreaming)
    {
        await using var fleet = await StartAsync(name);
        fleet[name].AnswerWith(static _ => new Answer(Said));

        var answer = await AskAsync(fleet[name], api, Question(api, isStreaming), isStreaming);

        Assert.Equal(Said, answer.Text);
        Assert.Equal("stop", answer.Facts.FinishReason);
        Assert.True(answer.Facts is { InputTokens: > 0, OutputTokens: > 0 });
        Assert.Equal(RequestOutcome.Answered, (await fleet[name].WaitForAsync(static one => one.Outcome is not RequestOutcome.Pending)).Outcome);
        Assert.Empty(fleet.UnexpectedErrors);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task CallsOfTools_GoThereAndBack(string name, string api, bool isStreaming)
    {
        await using var fleet = await StartAsync(name);
        fleet[name].AnswerWith(static prompt => prompt.IsToolResult
            ? new Answer(prompt.LastMessage is "red" or "redred" ? "It is red." : prompt.LastMessage)
            : new Answer("") { ToolCalls = [new ToolCall("find", """{"id":7,"name":"ö"}"""), new ToolCall("find", "{}")] });

        var first = await AskAsync(fleet[name], api, Question(api, isStreaming, withTools: true), isStreaming);
        Assert.Equal([("find", """{"id":7,"name":"ö"}"""), ("find", "{}")], first.Calls.Select(static call => (call.Name, Plain(call.Arguments))));
        Assert.Equal("tool_calls", first.Facts.FinishReason);

        var second = await AskAsync(fleet[name], api, FollowUp(api, isStreaming, first.Calls), isStreaming);
        Assert.Equal("It is red.", second.Text);
        Assert.Empty(fleet.UnexpectedErrors);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task APicture_ReachesTheProvider(string name, string api, bool isStreaming)
    {
        await using var fleet = await StartAsync(name);

        await AskAsync(fleet[name], api, Question(api, isStreaming, withPicture: true), isStreaming);

        Assert.Contains(Picture, Encoding.UTF8.GetString(fleet[name].Received[0].Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task AProviderThatBreaksOff_IsAFailure_AndNeverAWholeAnswer(string name, string api, bool isStreaming)
    {
        await using var fleet = await StartAsync(name);
        fleet[name].AnswerWith(static _ => new Answer(string.Join(' ', Enumerable.Repeat(Said, 20))));

        foreach (var fault in (Fault[])[Fault.Cut(4), Fault.Malformed(4), Fault.ErrorEvent(4), Fault.NoTerminator])
        {
            if (fault == Fault.NoTerminator && !isStreaming)
            {
                continue;
            }

            fleet[name].Next(fault);
            var failure = await Record.ExceptionAsync(() => AskAsync(fleet[name], api, Question(api, isStreaming), isStreaming));
            Assert.True(failure is ProviderStreamException or AnswerFailedException, $"{fault}: {failure}");
        }
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("azure-dated")]
    [InlineData("anthropic")]
    [InlineData("bedrock-claude")]
    [InlineData("bedrock-open")]
    [InlineData("vertex-claude")]
    [InlineData("vertex-gemini")]
    public async Task AWrongCredential_IsRefused(string name)
    {
        await using var fleet = await StartAsync(name);

        var failure = await Assert.ThrowsAsync<AnswerFailedException>(() => AskAsync(fleet[name], "chat", Question("chat", false), false, credential: "wrong"));

        Assert.Contains(failure.Failure.Status, (int?[])[401, 403]);
        Assert.True(PolicyRouter.Gateway.Resilience.OutageSignals.IsAboutCredential(failure.Failure));
    }

    [Theory]
    [InlineData("anthropic", "us")]
    [InlineData("azure", "us")]
    [InlineData("azure-dated", "us")]
    [InlineData("bedrock-claude", "us")]
    [InlineData("bedrock-open", "us")]
    [InlineData("openai", null)]
    [InlineData("vertex-gemini", null)]
    public async Task WhereAnAnswerWasMade_IsRead_WhereProvidersSayIt(string name, string? expected)
    {
        await using var fleet = await StartAsync(name);

        foreach (var isStreaming in (bool[])[false, true])
        {
            foreach (var api in Apis)
            {
                Assert.Equal(expected, (await AskAsync(fleet[name], api, Question(api, isStreaming), isStreaming)).Facts.RanIn);
            }
        }
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("vertex-claude")]
    public async Task Tokens_AreCounted_WhereTheApiIsOffered(string name)
    {
        await using var fleet = await StartAsync(name);
        var body = Prompts.Bytes($$"""{"model":"{{fleet[name].Model}}","messages":[{"role":"user","content":"Count me"}]}""");

        var whole = Assert.IsType<ProviderReply.Whole>(await Endpoints.SendAsync(EndpointOf(fleet[name]), body, false, secret: fleet[name].Credential, api: CallerApi.CountTokens));

        Assert.True((int)JsonNode.Parse(whole.Body.Span)!["input_tokens"]! > 0);
    }

    [Theory]
    [InlineData("openai", "text/event-stream", "authorization: Bearer KEY")]
    [InlineData("azure", "text/event-stream", "api-key: KEY")]
    [InlineData("azure-dated", "text/event-stream", "api-key: KEY")]
    [InlineData("anthropic", "text/event-stream", "anthropic-version: 2023-06-01", "x-api-key: KEY")]
    [InlineData("bedrock-claude", "application/vnd.amazon.eventstream", "authorization: Bearer KEY")]
    [InlineData("bedrock-open", "text/event-stream", "authorization: Bearer KEY")]
    [InlineData("vertex-claude", "text/event-stream", "authorization: Bearer KEY")]
    [InlineData("vertex-gemini", "text/event-stream", "authorization: Bearer KEY")]
    public async Task HeadersThatGoOut_AreThoseOfTheList_AndNoOthers(string name, string streamType, params string[] own)
    {
        await using var fleet = await StartAsync(name);
        using Activity activity = new("request");
        activity.AddBaggage("patient", "Jane Roe").Start();
        activity.TraceStateString = "vendor=Jane";

        foreach (var isStreaming in (bool[])[false, true])
        {
            await AskAsync(fleet[name], "chat", Question("chat", isStreaming), isStreaming);

            var received = fleet[name].Received[^1];
            string[] expected =
            [
                .. own,
                $"accept: {(isStreaming ? streamType : "application/json")}",
                string.Create(CultureInfo.InvariantCulture, $"content-length: {received.Body.Length}"),
                "content-type: application/json",
                $"host: {fleet[name].BaseUrl.Authority}",
                "user-agent: policyrouter",
            ];
            var headers = received.Headers.Select(header => $"{header.Key.ToLowerInvariant()}: {header.Value}".Replace(fleet[name].Credential!, "KEY", StringComparison.Ordinal));
            Assert.Equal(expected.Order(StringComparer.Ordinal), headers.Order(StringComparer.Ordinal));
        }
    }

    private static Task<SimulatedFleet> StartAsync(string name)
    {
        var (_, wire, model) = Providers.Single(one => one.Name == name);
        return SimulatedFleet.StartAsync([new ProviderProfile(name, wire, model)]);
    }

    private static Endpoint EndpointOf(SimulatedProvider provider)
    {
        var wire = provider.Wire switch
        {
            ProviderWire.OpenAi => WireFormat.OpenAi,
            ProviderWire.AzureOpenAi => WireFormat.AzureOpenAi,
            ProviderWire.Anthropic => WireFormat.Anthropic,
            ProviderWire.Bedrock => WireFormat.Bedrock,
            ProviderWire.VertexAnthropic => WireFormat.VertexAnthropic,
            _ => WireFormat.VertexGemini,
        };
        var url = wire is WireFormat.VertexAnthropic or WireFormat.VertexGemini ? new Uri(provider.BaseUrl, "/v1/projects/p/locations/us-east4") : provider.BaseUrl;
        return Endpoints.At(url, wire) with { UpstreamModel = provider.Model, ApiVersion = provider.Name == "azure-dated" ? "2024-10-21" : null };
    }

    private static async Task<AnswerRead> AskAsync(SimulatedProvider provider, string api, JsonObject body, bool isStreaming, string? credential = null)
    {
        body["model"] = provider.Model;
        var caller = api switch { "chat" => CallerApi.ChatCompletions, "messages" => CallerApi.Messages, _ => CallerApi.Responses };
        var document = Prompts.Read(body.ToJsonString(), caller);
        Assert.True(WireCompatibility.CanCarry(document, EndpointOf(provider), out var missing), missing);
        var reply = await Endpoints.SendAsync(
            EndpointOf(provider), document.Rewrite(provider.Model, []), isStreaming, secret: credential ?? provider.Credential, api: caller);
        switch (reply)
        {
            case ProviderReply.Whole whole:
                return AnswerRead.Whole(api, JsonNode.Parse(whole.Body.Span)!, whole.Facts);
            case ProviderReply.Streaming { Stream: var stream }:
                await using (stream)
                {
                    List<JsonNode> chunks = [];
                    await foreach (var chunk in stream.ChunksAsync(CancellationToken.None))
                    {
                        chunks.Add(JsonNode.Parse(chunk.Bytes.Span)!);
                    }

                    return AnswerRead.Streamed(api, chunks, stream.Facts);
                }

            default:
                throw new AnswerFailedException(((ProviderReply.Failed)reply).Failure);
        }
    }

    private static JsonObject Question(string api, bool isStreaming, bool withTools = false, bool withPicture = false)
    {
        JsonObject body = new() { ["model"] = "m", ["stream"] = isStreaming };
        var url = $"data:image/png;base64,{Picture}";
        JsonNode content = !withPicture ? "What is it?" : JsonNode.Parse(api switch
        {
            "chat" => $$"""[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"{{url}}"} }]""",
            "messages" => $$"""[{"type":"text","text":"Look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{Picture}}"} }]""",
            _ => $$"""[{"type":"input_text","text":"Look"},{"type":"input_image","image_url":"{{url}}"}]""",
        })!;
        body[api == "responses" ? "input" : "messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = content });
        if (api == "chat" && isStreaming)
        {
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }
        else if (api == "messages")
        {
            body["max_tokens"] = 1_000;
        }
        else if (api == "responses")
        {
            body["store"] = false;
        }

        if (withTools)
        {
            const string Schema = """{"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"}}}""";
            body["tools"] = JsonNode.Parse(api switch
            {
                "chat" => "[{\"type\":\"function\",\"function\":{\"name\":\"find\",\"description\":\"Finds\",\"parameters\":" + Schema + "}}]",
                "messages" => "[{\"name\":\"find\",\"description\":\"Finds\",\"input_schema\":" + Schema + "}]",
                _ => "[{\"type\":\"function\",\"name\":\"find\",\"description\":\"Finds\",\"strict\":false,\"parameters\":" + Schema + "}]",
            });
        }

        return body;
    }

    private static JsonObject FollowUp(string api, bool isStreaming, IReadOnlyList<CallRead> calls)
    {
        var body = Question(api, isStreaming, withTools: true);
        var turns = body[api == "responses" ? "input" : "messages"]!.AsArray();
        switch (api)
        {
            case "chat":
                turns.Add(new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray([.. calls.Select(static call => call.Raw.DeepClone())]) });
                foreach (var call in calls)
                {
                    turns.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = call.Id, ["content"] = "red" });
                }

                break;
            case "messages":
                turns.Add(new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = new JsonArray([.. calls.Select(static call =>
                        (JsonNode)new JsonObject { ["type"] = "tool_use", ["id"] = call.Id, ["name"] = call.Name, ["input"] = JsonNode.Parse(call.Arguments) })]),
                });
                turns.Add(new JsonObject
                {
                    ["role"] = "user",
                    ["content"] = new JsonArray([.. calls.Select(static call => (JsonNode)new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = call.Id, ["content"] = "red" })]),
                });
                break;
            default:
                foreach (var call in calls)
                {
                    turns.Add(new JsonObject { ["type"] = "function_call", ["call_id"] = call.Id, ["name"] = call.Name, ["arguments"] = call.Arguments });
                }

                foreach (var call in calls)
                {
                    turns.Add(new JsonObject { ["type"] = "function_call_output", ["call_id"] = call.Id, ["output"] = "red" });
                }

                break;
        }

        return body;
    }

    /// <summary>The same JSON without white space and escapes.</summary>
    private static string Plain(string json) => JsonNode.Parse(json)!.ToJsonString(new System.Text.Json.JsonSerializerOptions
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private sealed class AnswerFailedException(ProviderFailure failure) : Exception(string.Create(CultureInfo.InvariantCulture, $"{failure.Code} {failure.Status}"))
    {
        public ProviderFailure Failure { get; } = failure;
    }
}
