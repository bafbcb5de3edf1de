using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Callers of the Responses API, at providers of two wires.</summary>
public class ResponsesTests
{
    /// <summary>Places in a request, each with an identifier in it.</summary>
    private static readonly (string Place, string Members)[] Places =
    [
        ("input", """ "input":"SSN 536-22-1847" """),
        ("instructions", """ "instructions":"SSN 536-22-1847","input":"x" """),
        ("message", """ "input":[{"role":"user","content":"SSN 536-22-1847"}]"""),
        ("part", """ "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"SSN 536-22-1847"}]}]"""),
        ("split over parts", """ "input":[{"role":"user","content":[{"type":"input_text","text":"My SSN is 536-22-"},{"type":"input_text","text":"1847, thanks"}]}]"""),
        ("assistant part", """ "input":[{"role":"user","content":"x"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"SSN 536-22-1847"}]},{"role":"user","content":"x"}]"""),
        ("arguments", """ "input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"call_a","name":"f","arguments":"{\"ssn\":\"536-22-1847\"}"},{"type":"function_call_output","call_id":"call_a","output":"ok"}]"""),
        ("output", """ "input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"call_a","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"call_a","output":"SSN 536-22-1847"}]"""),
        ("reasoning", """ "input":[{"role":"user","content":"x"},{"type":"reasoning","summary":[{"type":"summary_text","text":"SSN 536-22-1847"}]},{"role":"user","content":"x"}]"""),
        ("tool", """ "tools":[{"type":"function","name":"f","description":"for SSN 536-22-1847","parameters":{"type":"object"}}],"input":"x" """),
        ("schema of the answer", """ "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object","description":"SSN 536-22-1847"}}},"input":"x" """),
        ("metadata", """ "metadata":{"ssn":"536-22-1847"},"input":"x" """),
        ("user", """ "user":"SSN 536-22-1847","input":"x" """),
    ];

    private const string Path = "/v1/responses";
    private const string Text = "Write to ann@example.org about SSN 536-22-1847.";

    public static TheoryData<string, bool> Deployments => new() { { "claude-anthropic", false }, { "claude-anthropic", true }, { "azure-gpt4o-eastus", false }, { "azure-gpt4o-eastus", true } };

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task AnAnswer_HasTheFormOfTheApi_AndTheCallersOwnValues(string deployment, bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAtAsync(Path, Request(deployment, Text, stream));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var sent = Assert.Single(gateway.Fleet.Received).Text;
        Assert.DoesNotContain("ann@example.org", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("536-22-1847", sent, StringComparison.Ordinal);
        var response = stream ? Last(reply) : reply.Json;
        Assert.Equal(("response", "completed", false), (response.GetProperty("object").GetString(), response.GetProperty("status").GetString(), response.GetProperty("store").GetBoolean()));
        var part = response.GetProperty("output")[0].GetProperty("content")[0];
        Assert.Equal("output_text", part.GetProperty("type").GetString());
        Assert.Contains(Text, part.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(response.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 0);
        Assert.Equal("completed", (await gateway.OutcomeOfAsync(reply.DecisionId)).GetProperty("outcome").GetString());
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task AFunctionCall_ComesBackWithTheIdentifier_AndItsOutputIsRedacted(string deployment, bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Request(deployment, "Call find_claim for SSN 536-22-1847.", stream);
        body["tools"] = JsonNode.Parse("""[{"type":"function","name":"find_claim","parameters":{"type":"object","properties":{"query":{"type":"string"}}}}]""");

        var reply = await gateway.AskAtAsync(Path, body);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var response = stream ? Last(reply) : reply.Json;
        var call = response.GetProperty("output").EnumerateArray().Single(static item => item.GetProperty("type").GetString() == "function_call");
        Assert.Contains("536-22-1847", (string)JsonNode.Parse(call.GetProperty("arguments").GetString()!)!["query"]!, StringComparison.Ordinal);

        body["input"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = "Call find_claim for SSN 536-22-1847." },
            JsonNode.Parse(call.GetRawText()),
            new JsonObject { ["type"] = "function_call_output", ["call_id"] = call.GetProperty("call_id").GetString(), ["output"] = "The claim of SSN 536-22-1847 is open." });
        reply = await gateway.AskAtAsync(Path, body);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.All(gateway.Fleet.Received, static sent => Assert.DoesNotContain("536-22-1847", sent.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("previous_response_id", "\"resp_1\"")]
    [InlineData("conversation", "\"conv_1\"")]
    [InlineData("background", "true")]
    public async Task WhatAProviderWouldHaveToKeep_IsRefusedWithAReason(string field, string value)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Request("azure-gpt4o-eastus", "x", stream: false);
        body[field] = JsonNode.Parse(value);

        var reply = await gateway.AskAtAsync(Path, body);

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal(field, reply.Json.GetProperty("error").GetProperty("param").GetString());
        Assert.Contains("keeps answers", reply.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData("store", "true")]
    [InlineData("tools", """[{"type":"web_search"}]""")]
    [InlineData("include", """["reasoning.encrypted_content"]""")]
    public async Task WhatCannotBeTranslated_MakesThatDeploymentIneligible(string field, string value)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Request("azure-gpt4o-eastus", "x", stream: false);
        body[field] = JsonNode.Parse(value);

        var reply = await gateway.AskAtAsync(Path, body);

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task AStreamThatBreaks_EndsWithAnError_AndNoInventedEnd()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var (path, body, end) in ((string, JsonObject, string)[])
        [
            (Path, Request("azure-gpt4o-eastus", "x", stream: true), "response.completed"),
            ("/v1/messages", new JsonObject { ["model"] = "claude-anthropic", ["max_tokens"] = 50, ["stream"] = true, ["messages"] = JsonNode.Parse("""[{"role":"user","content":"x"}]""") }, "message_stop"),
        ])
        {
            gateway.Fleet[(string)body["model"]!].Next(Simulator.Faults.Fault.Cut(after: 3));

            var text = await gateway.ReadUntilBrokenAsync(path, body);

            Assert.Contains("event: error\ndata: {\"type\":\"error\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain(end, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnIdentifierAnywhere_DoesNotReachAProvider_WhateverItSpeaks()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        Assert.Empty(await IdentifierMatrix.LeaksAsync(gateway, Path, Places));
    }

    private static JsonObject Request(string model, string text, bool stream) => new() { ["model"] = model, ["stream"] = stream, ["input"] = text };

    /// <summary>The response of the last event, after the events before it have been checked against it.</summary>
    private static JsonElement Last(Reply reply)
    {
        var events = reply.Events.Select(static data => JsonDocument.Parse(data).RootElement).ToList();
        Assert.Equal(
            events.Select(static one => one.GetProperty("type").GetString()),
            reply.Body.Split('\n').Where(static line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(static line => line[7..]));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(static one => one.GetProperty("sequence_number").GetInt32()));
        Assert.Equal(["response.created", "response.in_progress"], events.Take(2).Select(static one => one.GetProperty("type").GetString()));
        Assert.Equal("response.completed", events[^1].GetProperty("type").GetString());
        foreach (var done in events.Where(static one => one.GetProperty("type").GetString() is "response.output_text.done" or "response.function_call_arguments.done"))
        {
            var kind = done.GetProperty("type").GetString()![..^".done".Length];
            var deltas = events.Where(one => one.GetProperty("type").GetString() == kind + ".delta" && one.GetProperty("item_id").GetString() == done.GetProperty("item_id").GetString());
            Assert.Equal(
                done.GetProperty(kind.EndsWith("text", StringComparison.Ordinal) ? "text" : "arguments").GetString(),
                string.Concat(deltas.Select(static one => one.GetProperty("delta").GetString())));
        }

        return events[^1].GetProperty("response");
    }
}
