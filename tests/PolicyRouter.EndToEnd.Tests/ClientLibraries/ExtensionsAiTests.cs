namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>The NuGet package <c>Microsoft.Extensions.AI</c>. It throws what the package <c>OpenAI</c> throws, which has its own opinion on retries.</summary>
public abstract class ExtensionsAiTests(ClientLibrary library) : ClientLibraryTests(library)
{
    protected override string StopReason => "stop";
    protected override string ToolCallsReason => "tool_calls";
    protected override bool ObeysShouldRetry => false;
    protected override string Broken => "The response ended prematurely.";

    protected override string KindOf(int status) => "ClientResultException";

    [SkippableFact]
    public Task AnAnswer_HasTheFormAskedFor() => AssertObjectAsync(Azure);
}
