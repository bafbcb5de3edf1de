namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary><c>Microsoft.Extensions.AI</c>, by chat completions.</summary>
public sealed class ExtensionsAiChatTests(ExtensionsAiChatTests.Library library) : ExtensionsAiTests(library), IClassFixture<ExtensionsAiChatTests.Library>
{
    [SkippableFact]
    public Task Embeddings_AreVectors() => AssertEmbeddingsAsync();

    public sealed class Library : ExtensionsAiLibrary;
}
