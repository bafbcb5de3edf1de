namespace PolicyRouter.Policies.Reading;

public enum Severity
{
    /// <summary>Keeps the folder from loading.</summary>
    Error,

    /// <summary>Something its owners should think about.</summary>
    Warning,

    /// <summary>Something good to know.</summary>
    Note,
}

/// <summary>One thing wrong with a policy file, for the person who must mend it.</summary>
/// <param name="File">Path relative to the policy folder's parent, with forward slashes: <c>policies/rules/core.yaml</c>.</param>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based, in characters.</param>
/// <param name="Code"><c>PR012</c>; listed in docs/policy-language.md.</param>
/// <param name="Length">How many characters the caret underlines, at least 1.</param>
/// <param name="SourceLine">The line as written; null when the file could not be read as text.</param>
/// <param name="Suggestion">The nearest known word, or what is expected; null when there is none.</param>
public sealed record Problem(
    string File, int Line, int Column, string Code, Severity Severity, string Message, int Length, string? SourceLine, string? Suggestion)
{
    /// <summary>All words that would have been right here, in ordinal order; empty when the list is open.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    /// <summary>For errors: what would happen if the file shipped as it is, read as well as it can be. One clause without a full stop.</summary>
    public string? IfShipped { get; init; }
}
