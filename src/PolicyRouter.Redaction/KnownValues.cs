using System.Buffers;
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
    // Longer ones are no identifiers that anybody would refer to.
    private const int LongestIdentifier = 128;

    private static readonly SearchValues<char> OfIdentifiers = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private readonly Dictionary<ReadOnlyMemory<char>, Finding> _values = new(TextComparer.Instance);
    private readonly Dictionary<ReadOnlyMemory<char>, Finding>.AlternateLookup<ReadOnlySpan<char>> _valuesBySpan;
    private bool _areLong;

    // Made for the first text after the last value was learnt; the second one for identifiers, which are read in lower case.
    private MentionSearch? _search;
    private MentionSearch? _searchOfIdentifiers;
    private readonly List<char[]> _lowered = [];

    public KnownValues() => _valuesBySpan = _values.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Remembers the values of those kinds that have no shape of their own.</summary>
    public void Learn(ReadOnlySpan<char> text, IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        Learn(text, findings, 0);
    }

    /// <summary>
    /// Adds what is known and was not yet found in this text; the findings stay ordered and without overlaps. In an identifier, <c>maria_martinez</c> is Maria Martinez.
    /// </summary>
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
        Forget();
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
        if (_values.Count == 0)
        {
            return;
        }

        int found = findings.Count;
        Span<char> room = stackalloc char[LongestIdentifier];
        ReadOnlySpan<char> words = WordsOf(text, room);
        if (_areLong || _values.Count > RepeatedMentions.MostPasses)
        {
            _search ??= new MentionSearch(_values);
            _search.AddTo(findings, text);
            if (!words.IsEmpty)
            {
                _searchOfIdentifiers ??= new MentionSearch(_values.Select(known => KeyValuePair.Create(Lowered(known.Key), known.Value)).DistinctBy(static known => known.Key, TextComparer.Instance));
                _searchOfIdentifiers.AddTo(findings, words);
            }
        }
        else
        {
            foreach ((ReadOnlyMemory<char> value, Finding finding) in _values)
            {
                RepeatedMentions.AddOf(findings, finding with { Start = -1 }, value.Span, text);
                if (!words.IsEmpty)
                {
                    RepeatedMentions.AddOf(findings, finding with { Start = -1 }, value.Span, words, StringComparison.OrdinalIgnoreCase);
                }
            }
        }

        room.Clear();
        if (findings.Count > found)
        {
            FindingResolver.Resolve(findings, first, text);
        }
    }

    /// <summary>The words of an identifier in lower case, each where it stands in it; empty for any other text.</summary>
    private static ReadOnlySpan<char> WordsOf(ReadOnlySpan<char> text, Span<char> room)
    {
        if (text.Length > room.Length || text.ContainsAnyExcept(OfIdentifiers))
        {
            return default;
        }

        Span<char> words = room[..text.ToLowerInvariant(room)];
        words.Replace('_', ' ');
        words.Replace('-', ' ');
        return words;
    }

    private ReadOnlyMemory<char> Lowered(ReadOnlyMemory<char> value)
    {
        char[] lowered = new char[value.Length];
        value.Span.ToLowerInvariant(lowered);
        _lowered.Add(lowered);
        return lowered;
    }

    private void Forget()
    {
        _search = null;
        _searchOfIdentifiers = null;
        _lowered.ForEach(static lowered => Array.Clear(lowered));
        _lowered.Clear();
    }

    private void Remember(ReadOnlySpan<char> value, Finding finding)
    {
        if (_valuesBySpan.TryAdd(value, finding))
        {
            _areLong |= value.Length > RepeatedMentions.LongestInPasses;
            Forget();
        }
    }
}
