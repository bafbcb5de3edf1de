namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary><c>ai</c> with <c>@ai-sdk/openai</c>, by chat completions.</summary>
public sealed class AiSdkChatTests(AiSdkChatTests.ChatLibrary library) : AiSdkTests(library), IClassFixture<AiSdkChatTests.ChatLibrary>
{
    [SkippableFact]
    public Task AnAnswer_HasTheFormAskedFor() => AssertObjectAsync(Azure);

    [SkippableFact]
    public Task Embeddings_AreVectors() => AssertEmbeddingsAsync();

    public sealed class ChatLibrary() : Library("chat completions");
}
