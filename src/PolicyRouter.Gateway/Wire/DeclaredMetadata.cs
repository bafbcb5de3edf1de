namespace PolicyRouter.Gateway.Wire;

/// <summary>What the request says about itself in the OpenAI <c>metadata</c> object. Read, then removed before anything is sent on.</summary>
public sealed record DeclaredMetadata(IReadOnlyList<string> DataClasses, IReadOnlyList<string> DataSubjects, string? Purpose, string? Session)
{
    public static DeclaredMetadata None { get; } = new([], [], null, null);
}
