namespace PolicyRouter.Policies.Reading;

/// <summary>One file as read: its name for people, its text and its lines.</summary>
internal sealed class SourceFile(string name, string text)
{
    private readonly string[] _lines = text.Split('\n');

    /// <summary>Relative to the policy folder's parent, with forward slashes.</summary>
    public string Name => name;

    public string Text => text;

    /// <summary>The 1-based line without its end; null beyond the last.</summary>
    public string? Line(int number) => number >= 1 && number <= _lines.Length ? _lines[number - 1].TrimEnd('\r') : null;
}
