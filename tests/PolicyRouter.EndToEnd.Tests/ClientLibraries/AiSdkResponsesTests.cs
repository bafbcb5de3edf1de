namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary><c>ai</c> with <c>@ai-sdk/openai</c>, by the Responses API, which is its default.</summary>
public sealed class AiSdkResponsesTests(AiSdkResponsesTests.ResponsesLibrary library) : AiSdkTests(library), IClassFixture<AiSdkResponsesTests.ResponsesLibrary>
{
    [SkippableFact]
    public Task AnAnswer_HasTheFormAskedFor() => AssertObjectAsync(Azure);

    public sealed class ResponsesLibrary() : Library("responses");
}
