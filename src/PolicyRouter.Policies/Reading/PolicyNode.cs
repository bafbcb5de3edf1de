namespace PolicyRouter.Policies.Reading;

/// <summary>A piece of a policy file and where it stands. Everything is text: <c>no</c>, <c>on</c> and <c>1.0</c> stay as written.</summary>
internal abstract class PolicyNode(SourceFile file, int line, int column, int length)
{
    public SourceFile File => file;
    public int Line => line;
    public int Column => column;

    /// <summary>Characters to underline.</summary>
    public int Length => length;
}

internal sealed class ScalarNode(SourceFile file, int line, int column, int length, string text) : PolicyNode(file, line, column, length)
{
    public string Text => text;

    /// <summary>True when it stands without quotes.</summary>
    public bool IsPlain { get; init; }

    /// <summary>True when it says nothing: nothing but spaces, or YAML's words for nothing without quotes.</summary>
    public bool IsBlank => string.IsNullOrWhiteSpace(text) || (IsPlain && text is "~" or "null" or "Null" or "NULL");
}

internal sealed class ListNode(SourceFile file, int line, int column, IReadOnlyList<PolicyNode> items) : PolicyNode(file, line, column, 1)
{
    public IReadOnlyList<PolicyNode> Items => items;
}

internal sealed class MapNode(SourceFile file, int line, int column, IReadOnlyList<MapEntry> entries) : PolicyNode(file, line, column, 1)
{
    public IReadOnlyList<MapEntry> Entries => entries;
}

internal sealed record MapEntry(ScalarNode Key, PolicyNode Value);
