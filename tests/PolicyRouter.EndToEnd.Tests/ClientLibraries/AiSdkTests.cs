namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>The npm package <c>ai</c>. It has one exception for all of an API's errors, and its own opinion on retries.</summary>
public abstract class AiSdkTests(ClientLibrary library) : ClientLibraryTests(library)
{
    protected override string StopReason => "stop";
    protected override string ToolCallsReason => "tool-calls";
    protected override bool ObeysShouldRetry => false;

    protected override string KindOf(int status) => "AI_APICallError";

    public abstract class Library(string api) : NodeLibrary("ai-sdk.mjs")
    {
        public override string Api => api;
    }
}
