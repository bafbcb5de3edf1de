namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary><c>ai</c> with <c>@ai-sdk/openai</c>, by chat completions.</summary>
public sealed class AiSdkChatTests(AiSdkChatTests.ChatLibrary library) : AiSdkTests(library), IClassFixture<AiSdkChatTests.ChatLibrary>
{
    [SkippableTheory]
    [InlineData(Azure)]
    [InlineData(Claude)]
    public Task AnAnswer_HasTheFormAskedFor(string model) => AssertObjectAsync(model);

    [SkippableFact]
    public Task Embeddings_AreVectors() => AssertEmbeddingsAsync();

    public sealed class ChatLibrary() : Library("chat completions");
}
