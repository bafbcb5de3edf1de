namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>The npm package <c>openai</c>, by chat completions.</summary>
public sealed class OpenAiNodeTests(OpenAiNodeTests.Library library) : ClientLibraryTests(library), IClassFixture<OpenAiNodeTests.Library>
{
    protected override string StopReason => "stop";
    protected override string ToolCallsReason => "tool_calls";

    protected override string KindOf(int status) => StainlessErrors.KindOf(status);

    [SkippableTheory]
    [InlineData(Azure)]
    [InlineData(Claude)]
    public Task AnAnswer_HasTheFormAskedFor(string model) => AssertObjectAsync(model);

    [SkippableFact]
    public Task Embeddings_AreTheSame_AsNumbersAndAsBase64() => AssertEmbeddingsAsync();

    [SkippableFact]
    public async Task Models_AreListed() => Assert.Contains("clinical-chat", (await SucceedAsync(new("models", ""))).Models);

    public sealed class Library() : NodeLibrary("openai.mjs");
}
