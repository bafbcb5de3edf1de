using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Tests.Wire;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Tests.Pipeline;

/// <summary>What stands in a name of a member or in an id is looked into, and replaced in every place of it alike.</summary>
public sealed class IdentifierTests
{
    private static readonly RedactionSetup Setup = RedactionSetup.Of(ShippedPolicies.Snapshot);

    // The patient and the record number are proven by the first message, and repeated without a label.
    private const string Proven = """{"role":"user","content":"Patient: Maria Okonkwo, MRN: E48151. What next?"}""";

    [Theory]
    [InlineData("""{"id":"AKIAQYLPMN5HXQ2TVWJB"}""", "secret")]
    [InlineData("""{"id":"RSSMRA85T10A562S"}""", "pii")]
    [InlineData("""{"call_id":"RSSMRA85T10A562S"}""", "pii")]
    [InlineData("""{"tool_call_id":"RSSMRA85T10A562S"}""", "pii")]
    [InlineData("""{"patient":{"tool_use_id":"RSSMRA85T10A562S"}}""", "pii")]
    [InlineData("""{"AKIAQYLPMN5HXQ2TVWJB":1}""", "secret")]
    [InlineData("""{"seen":{"RSSMRA85T10A562S":true}}""", "pii")]
    public void InputOfATool_ProvesWhatStandsInItsIdsAndNames(string input, string proven) =>
        Assert.Contains(proven, Scan(ToolUse(input), CallerApi.Messages).DetectedClasses);

    [Theory]
    [InlineData("AKIAQYLPMN5HXQ2TVWJB", "secret")]
    [InlineData("RSSMRA85T10A562S", "pii")]
    public void IdOfACall_ProvesWhatItIs(string id, string proven)
    {
        Assert.Contains(proven, Scan(ToolUse("{}").Replace("toolu_1", id, StringComparison.Ordinal), CallerApi.Messages).DetectedClasses);
        Assert.Contains(proven, Scan(ToolCall(id, "{}"), CallerApi.ChatCompletions).DetectedClasses);
    }

    [Theory]
    [InlineData("toolu_01A09q90qw90lq917835lq9")]
    [InlineData("call_abc123")]
    [InlineData("call_9pw1NuAUMzLmrhHlQmyvc4nf")]
    [InlineData("ctc_nip5K6JUsPjYb81sWgecCwLpr845It")]
    [InlineData("functions_get_patient_0")]
    [InlineData("Psmpxzjqm")]
    public void IdThatAMachineMade_ProvesNothing_AndStays(string id)
    {
        var body = ToolCall(id, """{\"lat\":1,\"lon\":2}""");

        Assert.Empty(Scan(body, CallerApi.ChatCompletions).Counts);
        Assert.Equal(3, Redacted(ToolCall(id, "{}", Proven), CallerApi.ChatCompletions).Split(id).Length);
    }

    [Fact]
    public void NamesOfASchema_ThatAreWords_StayAsTheyAre()
    {
        const string Tools = """[{"name":"find","input_schema":{"type":"object","properties":{"lat":{"type":"number"},"lon":{"type":"number"},"patient_name":{"type":"string"},"first_name":{"type":"string"},"ssn":{"type":"string"},"dob":{"type":"string"},"taylor":{"type":"number"},"accountNumber":{"type":"string"}},"required":["patient_name","ssn"]}}]""";
        var body = $$"""{"model":"m","max_tokens":9,"messages":[{{Proven}}],"tools":{{Tools}} }""";

        Assert.Contains(Tools, Redacted(body, CallerApi.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void NamesAndIds_ThatSayWhoIsKnownFromElsewhere_DoNotReachTheProvider()
    {
        var sent = Redacted(ToolUse("""{"id":"E48151","patient":{"id":"Maria-Okonkwo","mrn":"E48151"},"by_name":{"Okonkwo":"diabetes","maria_okonkwo":"x","e48151":"y"}}""", Proven), CallerApi.Messages);

        AssertHidden(sent);
        Assert.Contains("toolu_1", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void NameInASchema_IsTheSamePlaceholder_WhereverTheSchemaRepeatsIt()
    {
        const string Format = """{"type":"json_schema","json_schema":{"name":"s","strict":true,"schema":{"type":"object","properties":{"Okonkwo":{"type":"string"},"E48151":{"type":"string"},"Maria_Okonkwo":{"type":"string"}},"required":["Okonkwo","E48151","Maria_Okonkwo"],"additionalProperties":false}}}""";

        var sent = Redacted($$"""{"model":"m","messages":[{{Proven}}],"response_format":{{Format}} }""", CallerApi.ChatCompletions);

        AssertHidden(sent);
        var schema = JsonNode.Parse(sent)!["response_format"]!["json_schema"]!["schema"]!;
        Assert.Equal(schema["properties"]!.AsObject().Select(static member => member.Key), schema["required"]!.AsArray().Select(static name => (string)name!));
    }

    [Fact]
    public void IdsWithAPersonInThem_ArePairsStill()
    {
        var sent = Redacted(
            """{"model":"m","input":[{"type":"function_call","call_id":"call_Okonkwo_E48151","name":"x","arguments":"{}"},{"type":"function_call_output","call_id":"call_Okonkwo_E48151","output":"Patient: Maria Okonkwo, MRN: E48151"}]}""",
            CallerApi.Responses);

        AssertHidden(sent);
        var items = JsonNode.Parse(sent)!["input"]!.AsArray();
        Assert.Equal((string)items[0]!["call_id"]!, (string)items[1]!["call_id"]!);
    }

    [Fact]
    public void ValueOverTwoParts_IsFound_ThoughAPartHasAMemberThatIsNotKnown()
    {
        var prompt = Scan("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"My SSN is 536-22-","x_flag":true},{"type":"text","text":"1847, thanks"}]}]}""", CallerApi.ChatCompletions);

        Assert.Contains("pii", prompt.DetectedClasses);
    }

    [Fact]
    public void NameInTheInputOfAnAnswersTool_ComesBack()
    {
        using PlaceholderTable placeholders = new();
        var replaced = 0;
        var placeholder = placeholders.Replace("E48151", [new(0, 6, FindingType.MedicalRecordNumber, Confidence.High)], [Profile()], ref replaced);

        var answer = CallerApi.Messages.Restore(
            Prompts.Bytes("{\"type\":\"message\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"f\",\"input\":{\"" + placeholder + "\":1}}]}"), placeholders);

        Assert.Contains("\"input\":{\"E48151\":1}", Encoding.UTF8.GetString(answer.Span), StringComparison.Ordinal);
    }

    private static RedactionProfile Profile() => Setup.TryGetProfile("hipaa-safe-harbor-18", out var profile) ? profile : throw new InvalidOperationException();

    private static void AssertHidden(string sent)
    {
        Assert.DoesNotContain("Okonkwo", sent, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("E48151", sent, StringComparison.OrdinalIgnoreCase);
    }

    private static string ToolUse(string input, string first = """{"role":"user","content":"Check this."}""") =>
        $$$"""{"model":"m","max_tokens":9,"messages":[{{{first}}},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{{{input}}}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"ok"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}""";

    private static string ToolCall(string id, string arguments, string first = """{"role":"user","content":"Check this."}""") =>
        $$$"""{"model":"m","messages":[{{{first}}},{"role":"assistant","content":null,"tool_calls":[{"id":"{{{id}}}","type":"function","function":{"name":"f","arguments":"{{{arguments}}}"}}]},{"role":"tool","tool_call_id":"{{{id}}}","content":"ok"}]}""";

    private static ScannedPrompt Scan(string body, CallerApi api) => ScannedPrompt.Scan(Prompts.Read(body, api), Setup);

    /// <summary>What a person without any permit would be shown: everything that can identify somebody is replaced.</summary>
    private static string Redacted(string body, CallerApi api)
    {
        using PlaceholderTable placeholders = new();
        var redacted = PromptRedactor.RedactForPeople(Scan(body, api), [], placeholders);
        Assert.NotNull(redacted);
        return Encoding.UTF8.GetString(redacted.Body.Span);
    }
}
