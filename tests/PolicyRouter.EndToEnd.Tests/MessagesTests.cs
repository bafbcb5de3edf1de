using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Callers of the Anthropic Messages API, at a provider that speaks it and at one that speaks chat completions.</summary>
public class MessagesTests
{
    /// <summary>Places in a request, each with an identifier in it.</summary>
    private static readonly (string Place, string Members)[] Places =
    [
        ("system text", """ "max_tokens":100,"system":"SSN 536-22-1847","messages":[{"role":"user","content":"x"}]"""),
        ("system block", """ "max_tokens":100,"system":[{"type":"text","text":"SSN 536-22-1847","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"x"}]"""),
        ("text block", """ "max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"SSN 536-22-1847"}]}]"""),
        ("split over blocks", """ "max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"My SSN is 536-22-"},{"type":"text","text":"1847, thanks"}]}]"""),
        ("assistant text", """ "max_tokens":100,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"SSN 536-22-1847"},{"role":"user","content":"x"}]"""),
        ("thinking", """ "max_tokens":100,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"SSN 536-22-1847","signature":"abc"},{"type":"text","text":"y"}]},{"role":"user","content":"x"}]"""),
        ("tool input", """ "max_tokens":100,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"f","input":{"ssn":"536-22-1847"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":"ok"}]}]"""),
        ("number in tool input", """ "max_tokens":100,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"f","input":{"ssn":536221847}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":"ok"}]}]"""),
        ("tool result blocks", """ "max_tokens":100,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_a","content":[{"type":"text","text":"SSN 536-22-1847"}]}]}]"""),
        ("tool description", """ "max_tokens":100,"tools":[{"name":"f","description":"for SSN 536-22-1847","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"x"}]"""),
        ("schema of a tool", """ "max_tokens":100,"tools":[{"name":"f","input_schema":{"type":"object","properties":{"ssn":{"type":"string","enum":["536-22-1847"]}}}}],"messages":[{"role":"user","content":"x"}]"""),
        ("user id", """ "max_tokens":100,"metadata":{"user_id":"SSN 536-22-1847"},"messages":[{"role":"user","content":"x"}]"""),
        ("stop sequence", """ "max_tokens":100,"stop_sequences":["SSN 536-22-1847"],"messages":[{"role":"user","content":"x"}]"""),
        ("unknown text", """ "max_tokens":100,"x_note":"SSN 536-22-1847","messages":[{"role":"user","content":"x"}]"""),
        ("unknown name", """ "max_tokens":100,"536-22-1847":true,"messages":[{"role":"user","content":"x"}]"""),
    ];

    private const string Path = "/v1/messages";
    private const string Text = "Write to ann@example.org about SSN 536-22-1847.";

    // The first speaks the Messages API, the second chat completions.
    public static TheoryData<string, bool> Deployments => new() { { "claude-anthropic", false }, { "claude-anthropic", true }, { "azure-gpt4o-eastus", false }, { "azure-gpt4o-eastus", true } };

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task AnAnswer_HasTheFormOfTheApi_AndTheCallersOwnValues(string deployment, bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAtAsync(Path, Message(deployment, Text, stream));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(deployment, reply.Deployment);
        var sent = Assert.Single(gateway.Fleet.Received).Text;
        Assert.DoesNotContain("ann@example.org", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("536-22-1847", sent, StringComparison.Ordinal);
        var message = stream ? Joined(reply) : reply.Json;
        Assert.Equal(("message", "assistant"), (message.GetProperty("type").GetString(), message.GetProperty("role").GetString()));
        Assert.Contains(Text, message.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("end_turn", message.GetProperty("stop_reason").GetString());
        Assert.True(message.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 0);
        var outcome = await gateway.OutcomeOfAsync(reply.DecisionId);
        Assert.Equal("completed", outcome.GetProperty("outcome").GetString());
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task AToolCall_ComesBackWithTheIdentifier_AndItsResultIsRedacted(string deployment, bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Message(deployment, "Call find_claim for SSN 536-22-1847.", stream);
        body["tools"] = JsonNode.Parse("""[{"name":"find_claim","input_schema":{"type":"object","properties":{"query":{"type":"string"}}}}]""");

        var reply = await gateway.AskAtAsync(Path, body);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var message = stream ? Joined(reply) : reply.Json;
        var call = message.GetProperty("content").EnumerateArray().Single(static block => block.GetProperty("type").GetString() == "tool_use");
        Assert.Equal("tool_use", message.GetProperty("stop_reason").GetString());
        Assert.Contains("536-22-1847", call.GetProperty("input").GetProperty("query").GetString(), StringComparison.Ordinal);

        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = JsonNode.Parse($"[{call.GetRawText()}]") });
        body["messages"]!.AsArray().Add(new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(new JsonObject
            {
                ["type"] = "tool_result", ["tool_use_id"] = call.GetProperty("id").GetString(), ["content"] = "The claim of SSN 536-22-1847 is open.",
            }),
        });
        reply = await gateway.AskAtAsync(Path, body);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.All(gateway.Fleet.Received, static sent => Assert.DoesNotContain("536-22-1847", sent.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AFailover_CrossesWires_InsideThePermittedSet()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var provider in gateway.Fleet.Providers.Where(static provider => provider.Name.StartsWith("claude", StringComparison.Ordinal)))
        {
            provider.Behave(Simulator.Faults.Fault.Status(529));
        }

        var reply = await gateway.AskAtAsync(Path, Message("clinical-chat", Text, stream: false));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("azure-gpt4o-eastus", reply.Deployment);
        Assert.Contains(Text, reply.Json.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADenial_HasTheApisErrorForm()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAtAsync(Path, Message("groq-llama", Text, stream: true));

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal("error", reply.Json.GetProperty("type").GetString());
        Assert.Equal("permission_error", reply.Json.GetProperty("error").GetProperty("type").GetString());
        Assert.Equal("no_permitted_provider", reply.ErrorCode);
        Assert.Equal(reply.Headers["x-request-id"], reply.Json.GetProperty("request_id").GetString());
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task ATokenInXApiKey_IsTaken_AndAWrongOneIsRefusedInTheApisForm()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using HttpClient http = new();
        foreach (var (key, status) in ((string, HttpStatusCode)[])[(gateway.Token("app"), HttpStatusCode.OK), ("sk-ant-wrong", HttpStatusCode.Unauthorized)])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(gateway.DataPlane, Path))
            {
                Content = new StringContent(Message("claude-anthropic", "x", stream: false).ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("x-api-key", key);
            request.Headers.Add("X-Data-Class", "public");
            request.Headers.Add("X-Data-Subjects", "us");
            request.Headers.Add("X-Purpose", "payment");
            using var response = await http.SendAsync(request);
            Assert.Equal(status, response.StatusCode);
            var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(status == HttpStatusCode.OK ? "message" : "error", body.GetProperty("type").GetString());
        }
    }

    [Theory]
    [InlineData("thinking", """{"type":"enabled","budget_tokens":2000}""")]
    [InlineData("top_k", "5")]
    [InlineData("mcp_servers", """[{"type":"url","url":"https://mcp.example.com"}]""")]
    public async Task WhatCannotBeTranslated_MakesThatDeploymentIneligible(string field, string value)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Message("azure-gpt4o-eastus", "x", stream: false);
        body[field] = JsonNode.Parse(value);

        var reply = await gateway.AskAtAsync(Path, body);

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Empty(gateway.Fleet.Received);
    }

    /// <summary>With a duty to redact, what cannot be looked into goes nowhere.</summary>
    [Theory]
    [InlineData("/v1/messages", """ "max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]""")]
    [InlineData("/v1/messages", """ "max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}]}]""")]
    [InlineData("/v1/messages", """ "max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"redacted_thinking","data":"x"},{"type":"text","text":"y"}]},{"role":"user","content":"x"}]""")]
    [InlineData("/v1/messages", """ "max_tokens":9,"messages":[{"role":"user","content":[{"type":"something_new","text":"x"}]}]""")]
    [InlineData("/v1/responses", """ "input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}]}]""")]
    [InlineData("/v1/responses", """ "input":[{"role":"user","content":[{"type":"input_file","file_id":"file_1"}]}]""")]
    [InlineData("/v1/responses", """ "input":[{"type":"item_reference","id":"msg_1"}]""")]
    public async Task WhatCannotBeInspected_IsRefused_WhereADutyAsksForRedaction(string path, string members)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var deployment in (string[])["claude-anthropic", "azure-gpt4o-eastus"])
        {
            var reply = await gateway.AskAtAsync(path, JsonNode.Parse($"{{\"model\":\"{deployment}\",{members}}}")!.AsObject());

            Assert.True(reply.Status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden, $"{deployment}: {reply.Status}");
        }

        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task CountingTokens_IsDecidedAndRedactedLikeAnyOtherRequest()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Message("claude-anthropic", Text, stream: false);
        body.Remove("max_tokens");

        var counted = await gateway.AskAtAsync("/v1/messages/count_tokens", body);
        var refused = await gateway.AskAtAsync("/v1/messages/count_tokens", Message("azure-gpt4o-eastus", Text, stream: false));

        Assert.Equal(HttpStatusCode.OK, counted.Status);
        Assert.True(counted.Json.GetProperty("input_tokens").GetInt32() > 0);
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.DoesNotContain("536-22-1847", Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BetaFeatures_ArePassedOn_AndThoseThatAreNotKnownAreRefused()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Message("claude-anthropic", Text, stream: false);

        var known = await gateway.AskAtAsync(Path, body, headers: ("anthropic-beta", "interleaved-thinking-2025-05-14, context-1m-2025-08-07"));
        var unknown = await gateway.AskAtAsync(Path, body, headers: ("anthropic-beta", "context-1m-2025-08-07,mcp-client-2025-04-04"));
        var elsewhere = await gateway.AskAtAsync(Path, Message("claude-aws-us", Text, stream: false), headers: ("anthropic-beta", "context-1m-2025-08-07"));

        Assert.Equal(HttpStatusCode.OK, known.Status);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.Status);
        Assert.DoesNotContain("mcp-client", unknown.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, elsewhere.Status);
        Assert.Equal(2, gateway.Fleet.Received.Count);
        Assert.Equal("interleaved-thinking-2025-05-14,context-1m-2025-08-07", gateway.Fleet.Received[0].Headers["anthropic-beta"]);
        Assert.Contains("\"anthropic_beta\":[\"context-1m-2025-08-07\"]", gateway.Fleet.Received[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnIdentifierAnywhere_DoesNotReachAProvider_WhateverItSpeaks()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        Assert.Empty(await IdentifierMatrix.LeaksAsync(gateway, Path, Places));
    }

    private static JsonObject Message(string model, string text, bool stream) => new()
    {
        ["model"] = model,
        ["max_tokens"] = 500,
        ["stream"] = stream,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
    };

    /// <summary>The message that a stream's events add up to, as a client library adds them up.</summary>
    private static JsonElement Joined(Reply reply)
    {
        var names = reply.Body.Split('\n').Where(static line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(static line => line[7..]).ToList();
        var events = reply.Events.Select(static data => JsonNode.Parse(data)!).ToList();
        Assert.Equal(events.Select(static one => (string)one["type"]!), names);
        Assert.Equal(("message_start", "message_stop"), (names[0], names[^1]));
        var message = events[0]["message"]!.DeepClone().AsObject();
        List<string> json = [];
        foreach (var one in events)
        {
            switch ((string)one["type"]!)
            {
                case "content_block_start":
                    Assert.Equal(message["content"]!.AsArray().Count, (int)one["index"]!);
                    message["content"]!.AsArray().Add(one["content_block"]!.DeepClone());
                    json.Add("");
                    break;
                case "content_block_delta" when (string)one["delta"]!["type"]! == "text_delta":
                    var block = message["content"]![(int)one["index"]!]!;
                    block["text"] = (string)block["text"]! + (string)one["delta"]!["text"]!;
                    break;
                case "content_block_delta":
                    json[(int)one["index"]!] += (string)one["delta"]!["partial_json"]!;
                    break;
                case "content_block_stop" when json[(int)one["index"]!].Length > 0:
                    message["content"]![(int)one["index"]!]!["input"] = JsonNode.Parse(json[(int)one["index"]!]);
                    break;
                case "message_delta":
                    message["stop_reason"] = one["delta"]!["stop_reason"]!.DeepClone();
                    message["usage"] = one["usage"]!.DeepClone();
                    break;
            }
        }

        return JsonDocument.Parse(message.ToJsonString()).RootElement;
    }
}
