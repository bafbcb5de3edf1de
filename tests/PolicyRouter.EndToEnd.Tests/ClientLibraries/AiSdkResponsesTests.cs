namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary><c>ai</c> with <c>@ai-sdk/openai</c>, by the Responses API, which is its default.</summary>
public sealed class AiSdkResponsesTests(AiSdkResponsesTests.ResponsesLibrary library) : AiSdkTests(library), IClassFixture<AiSdkResponsesTests.ResponsesLibrary>
{
    [SkippableTheory]
    [InlineData(Azure)]
    [InlineData(Claude)]
    public Task AnAnswer_HasTheFormAskedFor(string model) => AssertObjectAsync(model);

    public sealed class ResponsesLibrary() : Library("responses");
}
