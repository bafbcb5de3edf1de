namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>The npm package <c>@langchain/openai</c>, by chat completions. It throws what <c>openai</c> throws, and has its own opinion on retries.</summary>
public sealed class LangChainTests(LangChainTests.Library library) : ClientLibraryTests(library), IClassFixture<LangChainTests.Library>
{
    protected override string StopReason => "stop";
    protected override string ToolCallsReason => "tool_calls";
    protected override bool ObeysShouldRetry => false;

    protected override string KindOf(int status) => StainlessErrors.KindOf(status);

    [SkippableTheory]
    [InlineData(Azure)]
    [InlineData(Claude)]
    public Task AnAnswer_HasTheFormAskedFor(string model) => AssertObjectAsync(model);

    [SkippableFact]
    public Task Embeddings_AreVectors() => AssertEmbeddingsAsync();

    public sealed class Library() : NodeLibrary("langchain.mjs");
}
