namespace PolicyRouter.Policies.Reading;

/// <summary>Collects everything that is wrong, so that one run shows all of it.</summary>
internal sealed class ProblemLog
{
    /// <summary>More problems than this help nobody; the rest is counted, not listed.</summary>
    private const int Most = 500;

    private readonly List<Problem> _problems = [];
    private readonly Stack<Func<string>> _ifShipped = new([static () => "nothing in this file would count"]);
    private int _errors;

    public bool HasErrors => _errors > 0;

    /// <summary>Says what follows from errors until the scope is disposed: the innermost scope speaks.</summary>
    public IDisposable IfShipped(string effect) => IfShipped(() => effect);

    /// <param name="effect">Asked when an error is reported: by then more may be known of what is being read.</param>
    public IDisposable IfShipped(Func<string> effect)
    {
        _ifShipped.Push(effect);
        return new Scope(_ifShipped);
    }

    public void Error(PolicyNode at, string code, string message, string? suggestion = null, IEnumerable<string>? known = null) =>
        Add(at.File, at.Line, at.Column, at.Length, code, Severity.Error, message, suggestion, known);

    public void Warning(PolicyNode at, string code, string message, string? suggestion = null) =>
        Add(at.File, at.Line, at.Column, at.Length, code, Severity.Warning, message, suggestion, null);

    /// <summary>A word that should be one of a closed list; suggests the nearest.</summary>
    public void UnknownWord(ScalarNode at, string code, string message, IEnumerable<string> known)
    {
        string[] words = [.. known.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Error(at, code, message, NearestWord.To(at.Text, words), words);
    }

    public void Add(
        SourceFile file, int line, int column, int length, string code, Severity severity, string message, string? suggestion = null,
        IEnumerable<string>? known = null) =>
        Add(new(file.Name, line, column, code, severity, message, Math.Max(1, length), SecretLines.Shown(file.Line(line)), suggestion) { Known = [.. known ?? []] });

    /// <summary>A problem whose line is not shown, because it may hold a secret.</summary>
    public void AboutLine(PolicyNode at, string code, string message, string suggestion) =>
        Add(new(at.File.Name, at.Line, at.Column, code, Severity.Error, message, at.Length, null, suggestion));

    /// <summary>Something about a file or folder as a whole.</summary>
    public void AboutFile(string name, string code, Severity severity, string message, string? suggestion = null) =>
        Add(new(name, 1, 1, code, severity, message, 1, null, suggestion));

    /// <summary>By file, line and column.</summary>
    public IReadOnlyList<Problem> ToList() =>
        [.. _problems
            .OrderBy(static p => p.File, StringComparer.Ordinal).ThenBy(static p => p.Line).ThenBy(static p => p.Column)
            .ThenBy(static p => p.Code, StringComparer.Ordinal).ThenBy(static p => p.Message, StringComparer.Ordinal)];

    private void Add(Problem problem)
    {
        if (problem.Severity is Severity.Error)
        {
            _errors++;
            problem = problem with { IfShipped = _ifShipped.Peek()() };
        }

        if (_problems.Count < Most)
        {
            _problems.Add(problem);
        }
        else if (_problems.Count == Most)
        {
            _problems.Add(problem with { Code = ProblemCodes.Limit, Severity = Severity.Error, Message = $"more than {Most} problems; the rest is not shown", IfShipped = null });
        }
    }

    private sealed class Scope(Stack<Func<string>> scopes) : IDisposable
    {
        public void Dispose() => scopes.Pop();
    }
}
