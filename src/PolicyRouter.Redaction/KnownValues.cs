using System.Runtime.InteropServices;
using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction;

/// <summary>
/// Names and labelled numbers found anywhere in one request, so that they are found again where they stand without a label:
/// scan every text and <c>Learn</c>, then <c>AddMentions</c> for every text. Any number of values is followed, in time in proportion to them and the texts.
/// Cleared when disposed; not safe for use by several threads at once.
/// </summary>
public sealed class KnownValues : IDisposable
{
    private readonly Dictionary<ReadOnlyMemory<char>, Finding> _values = new(TextComparer.Instance);
    private readonly Dictionary<ReadOnlyMemory<char>, Finding>.AlternateLookup<ReadOnlySpan<char>> _valuesBySpan;
    private bool _areLong;

    // Made for the first text after the last value was learnt.
    private MentionSearch? _search;

    public KnownValues() => _valuesBySpan = _values.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Remembers the values of those kinds that have no shape of their own.</summary>
    public void Learn(ReadOnlySpan<char> text, IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        Learn(text, findings, 0);
    }

    /// <summary>Adds what is known and was not yet found in this text; the findings stay ordered and without overlaps.</summary>
    public void AddMentions(ReadOnlySpan<char> text, List<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        AddMentions(text, findings, 0);
    }

    public void Dispose()
    {
        foreach (ReadOnlyMemory<char> value in _values.Keys)
        {
            MemoryMarshal.AsMemory(value).Span.Clear();
        }

        _values.Clear();
        _search = null;
    }

    /// <summary>Remembers values from finding <paramref name="first"/> on.</summary>
    internal void Learn(ReadOnlySpan<char> text, IReadOnlyList<Finding> findings, int first)
    {
        for (int i = first; i < findings.Count; i++)
        {
            if (RepeatedMentions.IsFollowed(findings[i]))
            {
                ReadOnlySpan<char> value = text.Slice(findings[i].Start, findings[i].Length);
                Remember(value, findings[i]);
                if (findings[i].Type == FindingType.PersonName)
                {
                    foreach (ReadOnlySpan<char> part in new NameParts(value))
                    {
                        Remember(part, findings[i] with { Length = part.Length });
                    }
                }
            }
        }
    }

    /// <summary>Adds mentions, and resolves overlaps from finding <paramref name="first"/> on.</summary>
    internal void AddMentions(ReadOnlySpan<char> text, List<Finding> findings, int first)
    {
        int found = findings.Count;
        if (_areLong || _values.Count > RepeatedMentions.MostPasses)
        {
            _search ??= new MentionSearch(_values);
            _search.AddTo(findings, text);
        }
        else
        {
            foreach ((ReadOnlyMemory<char> value, Finding finding) in _values)
            {
                RepeatedMentions.AddOf(findings, finding with { Start = -1 }, value.Span, text);
            }
        }

        if (findings.Count > found)
        {
            FindingResolver.Resolve(findings, first, text);
        }
    }

    private void Remember(ReadOnlySpan<char> value, Finding finding)
    {
        if (_valuesBySpan.TryAdd(value, finding))
        {
            _areLong |= value.Length > RepeatedMentions.LongestInPasses;
            _search = null;
        }
    }
}
