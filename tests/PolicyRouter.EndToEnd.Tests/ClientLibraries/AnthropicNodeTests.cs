namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>The npm package <c>@anthropic-ai/sdk</c>, by the Messages API.</summary>
public sealed class AnthropicNodeTests(AnthropicNodeTests.Library library) : ClientLibraryTests(library), IClassFixture<AnthropicNodeTests.Library>
{
    protected override string StopReason => "end_turn";
    protected override string ToolCallsReason => "tool_use";

    protected override string KindOf(int status) => status == 503 ? "ServiceUnavailableError" : StainlessErrors.KindOf(status);

    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public Task AnAnswer_HasTheFormAskedFor(string model) => AssertObjectAsync(model);

    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public async Task SystemBlocks_ReachTheProvider(string model)
    {
        await SucceedAsync(new("chat", model) { Text = "Hello.", System = "Answer like a pirate.", Stream = true });

        Assert.Contains("Answer like a pirate.", Assert.Single(Gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Tokens_AreCounted() => Assert.True((await SucceedAsync(new("count", Claude) { Text = "How many?" })).InputTokens > 0);

    [SkippableFact]
    public async Task Models_AreListed() => Assert.Contains("clinical-chat", (await SucceedAsync(new("models", ""))).Models);

    public sealed class Library() : NodeLibrary("anthropic.mjs");
}
