using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.Simulator.Tests;

public sealed class AnthropicWireTests : FleetTests
{
    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.Anthropic];

    [Fact]
    public async Task APlainQuestion_IsAnsweredWithAMessage()
    {
        using var response = await Client.AskAsync(Provider, "Write to PERSON_7QX_1");

        Assert.StartsWith("req_", response.Headers.GetValues("request-id").Single(), StringComparison.Ordinal);
        var json = await Talk.JsonAsync(response);
        Assert.Equal("message", json.GetProperty("type").GetString());
        Assert.Equal("assistant", json.GetProperty("role").GetString());
        Assert.Equal("end_turn", json.GetProperty("stop_reason").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("stop_sequence").ValueKind);
        Assert.Contains("PERSON_7QX_1", json.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(json.GetProperty("usage").GetProperty("input_tokens").GetInt32() > 0);
        Assert.Equal("us", json.GetProperty("usage").GetProperty("inference_geo").GetString());
    }

    [Fact]
    public async Task AStream_HasTheNamedEventsInOrder()
    {
        using var response = await Client.AskAsync(Provider, "Write to PERSON_7QX_1", stream: true);

        var events = await Talk.EventsAsync(response);
        Assert.Equal(["message_start", "content_block_start", "ping", "content_block_delta"], events.Take(4).Select(item => item.Name));
        Assert.Equal(["content_block_delta", "content_block_stop", "message_delta", "message_stop"], events.TakeLast(4).Select(item => item.Name));
        Assert.All(events, item => Assert.Equal(item.Name, item.Json.GetProperty("type").GetString()));
        Assert.Contains("Write to PERSON_7QX_1", SseEvent.TextOf(events), StringComparison.Ordinal);
        Assert.DoesNotContain(events, item => item.Data.Contains("PERSON_7QX_1", StringComparison.Ordinal));
        Assert.True(events[0].Json.GetProperty("message").GetProperty("usage").GetProperty("input_tokens").GetInt32() > 0);
        Assert.Equal("end_turn", events[^2].Json.GetProperty("delta").GetProperty("stop_reason").GetString());
        Assert.True(events[^2].Json.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task StreamedToolUse_OpensOneBlockPerCall_WithoutGapsInTheIndex()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, WithTools("send_mail and look_up PERSON_7QX_1", stream: true)));

        var events = await Talk.EventsAsync(response);
        var starts = events.Where(item => item.Name is "content_block_start").Select(item => item.Json).ToList();
        Assert.Equal([0, 1], starts.Select(start => start.GetProperty("index").GetInt32()));
        Assert.Equal(["send_mail", "look_up"], starts.Select(start => start.GetProperty("content_block").GetProperty("name").GetString()));
        Assert.All(starts, start => Assert.Equal("direct", start.GetProperty("content_block").GetProperty("caller").GetProperty("type").GetString()));
        Assert.Equal(2, events.Count(item => item.Name is "content_block_stop"));
        var input = string.Concat(events.Where(item => item.Name is "content_block_delta" && item.Json.GetProperty("index").GetInt32() == 0)
            .Select(item => item.Json.GetProperty("delta").GetProperty("partial_json").GetString()));
        Assert.Contains("PERSON_7QX_1", JsonNode.Parse(input)!["to"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("tool_use", events[^2].Json.GetProperty("delta").GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task AForcedTool_IsCalled_AndItsResultIsAnsweredInText()
    {
        var body = WithTools("anything for PERSON_7QX_1", stream: false);
        body["tool_choice"] = new JsonObject { ["type"] = "tool", ["name"] = "send_mail" };
        using var first = await Client.SendAsync(Talk.Request(Provider, body));
        var call = (await Talk.JsonAsync(first)).GetProperty("content")[0];
        Assert.Equal("tool_use", call.GetProperty("type").GetString());
        Assert.Contains("PERSON_7QX_1", call.GetProperty("input").GetProperty("to").GetString(), StringComparison.Ordinal);

        body.Remove("tool_choice");
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(JsonNode.Parse(call.GetRawText())) });
        body["messages"]!.AsArray().Add(new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(new JsonObject
            {
                ["type"] = "tool_result", ["tool_use_id"] = call.GetProperty("id").GetString(), ["content"] = "send_mail sent to PERSON_7QX_1",
            }),
        });
        using var second = await Client.SendAsync(Talk.Request(Provider, body));
        Assert.Contains("sent to PERSON_7QX_1", (await Talk.JsonAsync(second)).GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"x"}]}""", 400, "invalid_request_error")]
    [InlineData("""{"model":"other","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", 404, "not_found_error")]
    [InlineData("""{"max_tokens":9,"messages":[{"role":"user","content":"x"}]}""", 400, "invalid_request_error")]
    [InlineData("""{"model":"claude-sonnet-4-5","max_tokens":9}""", 400, "invalid_request_error")]
    [InlineData("""{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"system","content":"x"}]}""", 400, "invalid_request_error")]
    [InlineData("""{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"assistant","content":"x"}]}""", 400, "invalid_request_error")]
    [InlineData("""{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":""}]}""", 400, "invalid_request_error")]
    [InlineData("""{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}]}""", 400, "invalid_request_error")]
    [InlineData("{", 400, "invalid_request_error")]
    public async Task AWrongRequest_IsRefusedInTheAnthropicShape(string body, int status, string type)
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, body));

        Assert.Equal(status, (int)response.StatusCode);
        var json = await Talk.JsonAsync(response);
        Assert.Equal("error", json.GetProperty("type").GetString());
        Assert.Equal(type, json.GetProperty("error").GetProperty("type").GetString());
        Assert.Equal(response.Headers.GetValues("request-id").Single(), json.GetProperty("request_id").GetString());
    }

    [Fact]
    public async Task KeyAndVersion_AreBothRequired()
    {
        using var wrongKey = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), credential: "wrong"));
        var bearer = Talk.Request(Provider, Talk.Body(Provider, "x"));
        bearer.Headers.Remove("x-api-key");
        bearer.Headers.Add("Authorization", $"Bearer {Provider.Credential}");
        using var noKey = await Client.SendAsync(bearer);
        var unversioned = Talk.Request(Provider, Talk.Body(Provider, "x"));
        unversioned.Headers.Remove("anthropic-version");
        using var noVersion = await Client.SendAsync(unversioned);

        Assert.Equal(HttpStatusCode.Unauthorized, wrongKey.StatusCode);
        Assert.Equal("authentication_error", (await Talk.JsonAsync(noKey)).GetProperty("error").GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, noVersion.StatusCode);
    }

    [Fact]
    public async Task ATokenLimit_SaysMaxTokens_AndTheCountEndpointCounts()
    {
        var body = Talk.Body(Provider, "12345678");
        body["max_tokens"] = 2;
        using var limited = await Client.SendAsync(Talk.Request(Provider, body));
        body.Remove("max_tokens");
        using var counted = await Client.SendAsync(Talk.Request(Provider, body, path: "/v1/messages/count_tokens"));

        Assert.Equal("max_tokens", (await Talk.JsonAsync(limited)).GetProperty("stop_reason").GetString());
        Assert.Equal(2, (await Talk.JsonAsync(counted)).GetProperty("input_tokens").GetInt32());
    }

    private JsonObject WithTools(string text, bool stream)
    {
        var body = Talk.Body(Provider, text, stream);
        body["tools"] = JsonNode.Parse("""
            [{"name":"send_mail","input_schema":{"type":"object","properties":{"to":{"type":"string"}}}},{"name":"look_up","input_schema":{"type":"object"}}]
            """);
        return body;
    }
}
