using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>A caller cannot make a provider pass the prompt on without the policy knowing.</summary>
public sealed class ForwardingTests
{
    [Theory]
    [InlineData("models", """["x/other-model"]""")]
    [InlineData("Models", """["x/other-model"]""")]
    [InlineData("fallbacks", """[{"model":"y","api_base":"https://collector.example.net"}]""")]
    [InlineData("kv_transfer_params", "{}")]
    [InlineData("provider", """{"order":["x"]}""")]
    [InlineData("api_base", "\"https://collector.example.net\"")]
    public void MemberThatNamesWhoElseGetsThePrompt_IsRefused(string member, string value)
    {
        var error = Prompts.Refused(Prompts.With($",\"{member}\":{value}"));

        Assert.Equal((400, "invalid_request", member.ToLowerInvariant()), (error.Status, error.Code, error.Param));
        Assert.DoesNotContain("collector", error.Message, StringComparison.Ordinal);
        Assert.Equal(["chat"], Prompts.Read(Prompts.With($",\"{member}\":null")).Features);
    }

    [Theory]
    [InlineData("data_sources", """[{"type":"azure_search","parameters":{"endpoint":"https://collector.example.net"}}]""")]
    [InlineData("Data_Sources", """[{"type":"azure_search"}]""")]
    [InlineData("plugins", """[{"id":"web"}]""")]
    [InlineData("search_parameters", """{"mode":"on"}""")]
    [InlineData("compound_custom", """{"tools":{"enabled_tools":["web_search"]}}""")]
    [InlineData("enable_search", "true")]
    public void MemberByWhichTheProviderAsksOthers_UsesWebSearch_WhichNoDeploymentOffers(string member, string value)
    {
        var features = Prompts.Read(Prompts.With($",\"{member}\":{value}")).Features;

        Assert.Equal(["chat", "web-search"], features);
        Assert.Empty(ShippedPolicies.Snapshot.Decide(new PolicyRequest
        {
            Day = ShippedPolicies.Day, DeclaredClasses = ["phi"], Subjects = ["us"], Purpose = "treatment", Features = features, Route = "clinical-chat",
        }).Permitted);
    }

    [Theory]
    [InlineData("function", "chat tools")]
    [InlineData("custom", "chat tools")]
    [InlineData("browser_search", "chat tools web-search")]
    [InlineData("mcp", "chat tools web-search")]
    [InlineData("builtin_function", "chat tools web-search")]
    [InlineData("Function", "chat tools web-search")]
    [InlineData("code_interpreter", "chat tools code-execution")]
    public void ToolOfAChat_ThatIsNotTheCallers_IsNamed(string kind, string features) =>
        Assert.Equal(features.Split(' '), Prompts.Read(Prompts.With($$$""","tools":[{"type":"{{{kind}}}"}]""")).Features);

    [Theory]
    [InlineData("null", "chat tools")]
    [InlineData("\"custom\"", "chat tools")]
    [InlineData("\"bash_20250124\"", "chat tools")]
    [InlineData("\"text_editor_20250728\"", "chat tools")]
    [InlineData("\"computer_20250124\"", "chat tools")]
    [InlineData("\"memory_20250818\"", "chat tools")]
    [InlineData("\"code_execution_20250825\"", "chat tools code-execution")]
    [InlineData("\"web_search_20250305\"", "chat tools web-search")]
    [InlineData("\"Web_search_20250305\"", "chat tools web-search")]
    [InlineData("\"mcp_toolset\"", "chat tools web-search")]
    [InlineData("\"bash_at_their_place\"", "chat tools web-search")]
    public void ToolOfMessages_ThatIsNotTheCallers_IsNamed(string kind, string features) => Assert.Equal(
        features.Split(' '), Prompts.Read(Prompts.With($$$""","tools":[{"type":{{{kind}}},"name":"x"}]"""), CallerApi.Messages).Features);

    [Theory]
    [InlineData("function", "chat tools")]
    [InlineData("apply_patch", "chat tools")]
    [InlineData("web_search_preview", "chat tools web-search")]
    [InlineData("mcp", "chat tools web-search")]
    [InlineData("x_search", "chat tools web-search")]
    [InlineData("file_search", "chat tools files")]
    [InlineData("shell", "chat tools code-execution")]
    public void ToolOfResponses_ThatIsNotTheCallers_IsNamed(string kind, string features) => Assert.Equal(
        features.Split(' '), Prompts.Read($$$"""{"model":"m","input":"Hi","tools":[{"type":"{{{kind}}}"}]}""", CallerApi.Responses).Features);

    [Theory]
    [InlineData("24h", "chat store")]
    [InlineData("forever", "chat store")]
    [InlineData("in_memory", "chat")]
    [InlineData("in-memory", "chat")]
    public void CacheThatKeepsThePrompt_IsAStore(string retention, string features) =>
        Assert.Equal(features.Split(' '), Prompts.Read(Prompts.With($",\"prompt_cache_retention\":\"{retention}\"")).Features);

    [Fact]
    public void MembersThatAreNotKnown_ArePassedOn() => Assert.Equal(["chat"], Prompts.Read(Prompts.With(""","guided_json":{"a":1},"top_a":0.1,"x_future":{"models":["y"]}""")).Features);
}
