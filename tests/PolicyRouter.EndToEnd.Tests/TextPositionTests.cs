using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>An identifier hidden anywhere in a request does not reach a provider that may not see it.</summary>
public class TextPositionTests
{
    private const string Canary = "123-45-6789";

    // Nothing needs to be replaced for it; it is asked for a second opinion when another calls a strange request invalid.
    private const string OnOwnPremises = "local-llama";

    /// <summary>Places in a chat request, each with the canary in it.</summary>
    private static readonly (string Place, string Members)[] Places =
    [
        ("system message", """ "messages":[{"role":"system","content":"SSN 123-45-6789"},{"role":"user","content":"x"}]"""),
        ("developer message", """ "messages":[{"role":"developer","content":"SSN 123-45-6789"},{"role":"user","content":"x"}]"""),
        ("escaped content", """ "messages":[{"role":"user","content":"SSN \u0031\u00323-45-6789"}]"""),
        ("text part", """ "messages":[{"role":"user","content":[{"type":"text","text":"SSN 123-45-6789"}]}]"""),
        ("split over parts", """ "messages":[{"role":"user","content":[{"type":"text","text":"My SSN is 123-45-"},{"type":"text","text":"6789, thanks"}]}]"""),
        ("refusal part", """ "messages":[{"role":"assistant","content":[{"type":"refusal","refusal":"SSN 123-45-6789"}]},{"role":"user","content":"x"}]"""),
        ("unknown member of a part", """ "messages":[{"role":"user","content":[{"type":"text","text":"x","note":"SSN 123-45-6789"}]}]"""),
        ("participant name", """ "messages":[{"role":"user","name":"123-45-6789","content":"x"}]"""),
        ("unknown member of a message", """ "messages":[{"role":"user","content":"x","extra":{"deep":["SSN 123-45-6789"]}}]"""),
        ("reasoning content", """ "messages":[{"role":"assistant","content":"x","reasoning_content":"SSN 123-45-6789"},{"role":"user","content":"x"}]"""),
        ("tool call arguments", """ "messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"ssn\":\"123-45-6789\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}]"""),
        ("number in tool call arguments", """ "messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"ssn\":123456789}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}]"""),
        ("tool call id", """ "messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"123-45-6789","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"123-45-6789","content":"ok"}]"""),
        ("old function call", """ "messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"ssn\":\"123-45-6789\"}"}},{"role":"user","content":"x"}]"""),
        ("tool result", """ "messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"{\"ssn\":\"123-45-6789\"}"}]"""),
        ("tool description", """ "tools":[{"type":"function","function":{"name":"f","description":"for SSN 123-45-6789","parameters":{"type":"object","properties":{}}}}],"messages":[{"role":"user","content":"x"}]"""),
        ("enum of a tool's schema", """ "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"ssn":{"type":"string","enum":["123-45-6789"]}}}}}],"messages":[{"role":"user","content":"x"}]"""),
        ("property name of a tool's schema", """ "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"123-45-6789":{"type":"string"}}}}}],"messages":[{"role":"user","content":"x"}]"""),
        ("number in a tool's schema", """ "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"ssn":{"type":"integer","default":123456789}}}}}],"messages":[{"role":"user","content":"x"}]"""),
        ("metadata", """ "metadata":{"ssn":"123-45-6789"},"messages":[{"role":"user","content":"x"}]"""),
        ("metadata name", """ "metadata":{"123-45-6789":"a"},"messages":[{"role":"user","content":"x"}]"""),
        ("user", """ "user":"SSN 123-45-6789","messages":[{"role":"user","content":"x"}]"""),
        ("stop", """ "stop":["SSN 123-45-6789"],"messages":[{"role":"user","content":"x"}]"""),
        ("response schema", """ "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","description":"SSN 123-45-6789"}}},"messages":[{"role":"user","content":"x"}]"""),
        ("prediction", """ "prediction":{"type":"content","content":"SSN 123-45-6789"},"messages":[{"role":"user","content":"x"}]"""),
        ("unknown text", """ "x_note":"SSN 123-45-6789","messages":[{"role":"user","content":"x"}]"""),
        ("unknown number", """ "ssn":123456789,"messages":[{"role":"user","content":"x"}]"""),
        ("unknown name", """ "123-45-6789":true,"messages":[{"role":"user","content":"x"}]"""),
        ("text under a member that takes fixed words", """ "reasoning_effort":"SSN 123-45-6789","messages":[{"role":"user","content":"x"}]"""),
        ("name of the schema of an answer", """ "response_format":{"type":"json_schema","json_schema":{"name":"123-45-6789","schema":{"type":"object"}}},"messages":[{"role":"user","content":"x"}]"""),
    ];

    [Fact]
    public async Task IdentifierAnywhereInARequest_DoesNotReachTheProvider()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        List<string> leaks = [];
        foreach (var (place, members) in Places)
        {
            var reply = await gateway.PostAsync(Encoding.UTF8.GetBytes("{\"model\":\"clinical-chat\"," + members + "}"), purpose: "payment");
            await gateway.PostAsync(Encoding.UTF8.GetBytes("{\"model\":\"clinical-chat\",\"stream\":true," + members + "}"), purpose: "payment");

            // A provider may refuse a strange request; what matters is what it got to see.
            var others = gateway.Fleet.Received.Where(static sent => sent.Provider != OnOwnPremises).ToList();
            if (others.Count == 0)
            {
                leaks.Add($"{place}: nothing was sent: {reply.Body}");
            }

            if (others.Find(static sent => Digits(sent.Text).Contains("123456789", StringComparison.Ordinal)) is { } leak)
            {
                leaks.Add($"{place}: {leak.Text}");
            }

            await gateway.Fleet.ResetAsync();
        }

        Assert.Empty(leaks);
    }

    [Theory]
    [InlineData("mrn", "48151")]
    [InlineData("account_number", "9912")]
    public async Task ShortNumberUnderALabel_DoesNotReachTheProvider(string label, string number)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = """{"model":"clinical-chat","messages":[{"role":"user","content":"x","record":{""" + $"\"{label}\":{number}" + "}}]}";

        var reply = await gateway.PostAsync(Encoding.UTF8.GetBytes(body), purpose: "payment");

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.DoesNotContain(number, Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolCallArguments_ComeBackWithTheIdentifier_AsValidJson(bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = GatewayUnderTest.Chat("clinical-chat", $"Call find_claim for SSN {Canary}.", stream);
        body["tools"] = JsonNode.Parse(
            """[{"type":"function","function":{"name":"find_claim","parameters":{"type":"object","properties":{"query":{"type":"string"}}}}}]""");

        var reply = await gateway.AskAsync(body, purpose: "payment");

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.DoesNotContain(Canary, Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
        var arguments = stream
            ? string.Concat(reply.Events.Where(static data => data != "[DONE]").Select(static data => JsonNode.Parse(data)!)
                .Where(static chunk => chunk["choices"]!.AsArray().Count > 0)
                .Select(static chunk => chunk["choices"]![0]!["delta"]!["tool_calls"] is JsonArray { Count: > 0 } calls
                    ? (string?)calls[0]!["function"]?["arguments"]
                    : null))
            : (string)JsonNode.Parse(reply.Body)!["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!;
        Assert.Contains(Canary, (string)JsonNode.Parse(arguments)!["query"]!, StringComparison.Ordinal);
    }

    private static string Digits(string text) => new([.. text.Where(char.IsAsciiDigit)]);
}
