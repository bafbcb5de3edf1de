using System.Buffers;
using System.Collections.Frozen;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction;

/// <summary>Texts that are always somebody's, and texts that are never anybody's, whatever the detectors say. Letter case does not matter.</summary>
public sealed class RedactionLists
{
    private readonly (string Text, FindingType Type)[] _always;
    private readonly SearchValues<string> _search;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _never;

    /// <param name="always">Found as whole words wherever they stand, with the kind they are.</param>
    /// <param name="never">A finding of exactly this text is none.</param>
    public RedactionLists(IEnumerable<(string Text, FindingType Type)> always, IEnumerable<string> never)
    {
        // The longest first, so that of two that begin in the same way the whole one is found.
        _always = [.. always.Select(static entry => (Canonical(entry.Text), entry.Type)).OrderByDescending(static entry => entry.Item1.Length)];
        _search = SearchValues.Create([.. _always.Select(static entry => entry.Text)], StringComparison.OrdinalIgnoreCase);
        _never = never.Select(Canonical).ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Lists without texts.</summary>
    public static RedactionLists None { get; } = new([], []);

    /// <summary>Adds what is always somebody's.</summary>
    internal void Detect(ref ScanContext context)
    {
        ReadOnlySpan<char> text = context.Text;
        for (int at = 0; _always.Length > 0 && at < text.Length;)
        {
            int found = text[at..].IndexOfAny(_search);
            if (found < 0)
            {
                return;
            }

            at += found;
            at += Math.Max(1, Add(ref context, at));
        }
    }

    /// <summary>Takes out what is never anybody's.</summary>
    internal void Exempt(List<Finding> findings, int first, ReadOnlySpan<char> text)
    {
        int kept = first;
        for (int i = first; i < findings.Count; i++)
        {
            if (!_never.Contains(text.Slice(findings[i].Start, findings[i].Length)))
            {
                findings[kept++] = findings[i];
            }
        }

        findings.RemoveRange(kept, findings.Count - kept);
    }

    private int Add(ref ScanContext context, int at)
    {
        foreach ((string text, FindingType type) in _always)
        {
            int end = at + text.Length;
            if (context.Text[at..].StartsWith(text, StringComparison.OrdinalIgnoreCase) && context.StartsWord(at) && context.EndsWord(end))
            {
                context.Add(at, end, type, Confidence.High);
                return text.Length;
            }
        }

        return 0;
    }

    private static string Canonical(string text)
    {
        using CanonicalText canonical = CanonicalText.Of(text.Trim());
        return canonical.View.ToString();
    }
}
