using System.Globalization;
using System.Text;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Policies.Printing;

/// <summary>Problems as people read them: place and message, the line as written, a caret under the fault, and what was probably meant.</summary>
public static class ProblemPrinter
{
    /// <summary>Several lines without a final line end.</summary>
    public static string Print(Problem problem)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{problem.File}:{problem.Line}:{problem.Column}  {Word(problem.Severity)} {problem.Code}  {problem.Message}");
        var hint = Hint(problem);
        if (problem.SourceLine is { } source)
        {
            var number = problem.Line.ToString(CultureInfo.InvariantCulture);
            var line = Visible(source);
            var start = Math.Clamp(problem.Column - 1, 0, line.Length);
            var length = Math.Clamp(problem.Length, 1, Math.Max(1, line.Length - start));
            text.Append('\n').Append("  ").Append(number).Append(" | ").Append(line);
            text.Append('\n').Append(' ', number.Length + 2).Append(" | ").Append(' ', start).Append('^', length);
            text.Append(hint.Length > 0 ? "  " : "").Append(hint);
        }
        else if (hint.Length > 0)
        {
            text.Append("\n  ").Append(hint);
        }

        if (problem.IfShipped is { } effect)
        {
            text.Append("\n  effect if shipped: ").Append(effect).Append('.');
        }

        return text.ToString();
    }

    public static string Word(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "note",
    };

    /// <summary>How many errors and warnings, in words.</summary>
    public static string Summary(IReadOnlyList<Problem> problems) =>
        $"{Count(problems.Count(static p => p.Severity is Severity.Error), "error")}, {Count(problems.Count(static p => p.Severity is Severity.Warning), "warning")}";

    private static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Hint(Problem problem)
    {
        var suggestion = problem.Suggestion is not { } word ? ""
            : problem.Known.Contains(word) ? $"did you mean \"{word}\"?"
            : word;
        var known = problem.Known.Count == 0 ? "" : $"known: {string.Join(", ", problem.Known)}";
        return string.Join("  ", new[] { suggestion, known }.Where(static part => part.Length > 0));
    }

    /// <summary>Characters that would move the caret, or trick a terminal, become one visible character each.</summary>
    private static string Visible(string line) => string.Create(line.Length, line, static (target, source) =>
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = char.IsControl(source[i]) || char.GetUnicodeCategory(source[i]) is UnicodeCategory.Format ? '\uFFFD' : source[i];
        }
    });
}
