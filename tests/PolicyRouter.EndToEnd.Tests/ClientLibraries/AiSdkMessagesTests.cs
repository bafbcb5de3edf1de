namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary><c>ai</c> with <c>@ai-sdk/anthropic</c>, by the Messages API.</summary>
public sealed class AiSdkMessagesTests(AiSdkMessagesTests.MessagesLibrary library) : AiSdkTests(library), IClassFixture<AiSdkMessagesTests.MessagesLibrary>
{
    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public Task AnAnswer_HasTheFormAskedFor(string model) => AssertObjectAsync(model);

    public sealed class MessagesLibrary() : Library("messages");
}
