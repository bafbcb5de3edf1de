namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>The npm package <c>openai</c>, by the Responses API.</summary>
public sealed class OpenAiNodeResponsesTests(OpenAiNodeResponsesTests.Library library) : ClientLibraryTests(library), IClassFixture<OpenAiNodeResponsesTests.Library>
{
    protected override string StopReason => "completed";
    protected override string ToolCallsReason => "completed";

    protected override string KindOf(int status) => StainlessErrors.KindOf(status);

    [SkippableTheory]
    [InlineData(Azure)]
    [InlineData(Claude)]
    public Task AnAnswer_HasTheFormAskedFor(string model) => AssertObjectAsync(model);

    public sealed class Library() : NodeLibrary("openai-responses.mjs");
}
