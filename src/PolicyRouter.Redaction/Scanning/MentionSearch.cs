using System.Runtime.InteropServices;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// Finds the mentions of any number of values in one pass, after Aho and Corasick ("Efficient string matching", Communications of the ACM 18, 1975), word by word instead of character
/// by character: time and memory in proportion to the values and the text. Made once, for many texts; may be used by several threads.
/// </summary>
internal sealed class MentionSearch
{
    // Words of one character stand for themselves; those of several come behind.
    private const int FirstLongWord = char.MaxValue + 1;
    private const int Unknown = -1;

    private readonly Dictionary<ReadOnlyMemory<char>, int> _words = new(TextComparer.Instance);
    private readonly Dictionary<ReadOnlyMemory<char>, int>.AlternateLookup<ReadOnlySpan<char>> _wordsBySpan;
    private readonly Dictionary<(int State, int Word), int> _next = [];

    // By state, a number of words that begin a value. State 0 is none.
    private readonly List<State> _states = [new State(0, Unknown, 0)];

    // What is found when a state is reached; only of states where something is.
    private readonly Dictionary<int, Finding[]> _mentions = [];

    /// <param name="values">The values, each once, and as what their mentions are found. They must stay as they are.</param>
    public MentionSearch(IEnumerable<KeyValuePair<ReadOnlyMemory<char>, Finding>> values)
    {
        _wordsBySpan = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((ReadOnlyMemory<char> value, Finding finding) in values)
        {
            int state = 0;
            for (int at = 0; at < value.Length;)
            {
                int end = EndOfWord(value.Span, at);
                state = Grown(state, Learned(value[at..end]));
                at = end;
            }

            _mentions[state] = [finding with { Length = value.Length }];
        }

        Link();
    }

    /// <summary>Adds the mentions: of values that end in the same place, the longest of each kind.</summary>
    public void AddTo(List<Finding> findings, ReadOnlySpan<char> text)
    {
        int state = 0;
        for (int at = 0; at < text.Length;)
        {
            int end = EndOfWord(text, at);
            state = Next(state, WordOf(text[at..end]));
            foreach (Finding mention in state == 0 ? [] : _mentions.GetValueOrDefault(state, []))
            {
                findings.Add(mention with { Start = end - mention.Length });
            }

            at = end;
        }
    }

    /// <summary>What goes on from each state when the word that comes does not: the longest other beginning of a value that its words end with.</summary>
    private void Link()
    {
        Span<State> states = CollectionsMarshal.AsSpan(_states);
        int[] order = [.. Enumerable.Range(1, states.Length - 1).OrderBy(state => _states[state].Depth)];
        foreach (int state in order)
        {
            ref State one = ref states[state];
            one.Otherwise = one.Depth == 1 ? 0 : Next(states[one.Parent].Otherwise, one.Word);
            if (_mentions.TryGetValue(one.Otherwise, out Finding[]? inside))
            {
                // A shorter value of the same kind is inside the longer one. There are few kinds, so that this list is short.
                _mentions[state] = _mentions.TryGetValue(state, out Finding[]? own) ? [own[0], .. inside.Where(mention => mention.Type != own[0].Type)] : inside;
            }
        }
    }

    private int Next(int state, int word)
    {
        int next;
        while (!_next.TryGetValue((state, word), out next) && state != 0)
        {
            state = word == Unknown ? 0 : _states[state].Otherwise;
        }

        return next;
    }

    private int Grown(int state, int word)
    {
        ref int next = ref CollectionsMarshal.GetValueRefOrAddDefault(_next, (state, word), out bool isKnown);
        if (!isKnown)
        {
            next = _states.Count;
            _states.Add(new State(state, word, _states[state].Depth + 1));
        }

        return next;
    }

    private int Learned(ReadOnlyMemory<char> word)
    {
        if (word.Length > 1)
        {
            _words.TryAdd(word, FirstLongWord + _words.Count);
        }

        return WordOf(word.Span);
    }

    private int WordOf(ReadOnlySpan<char> word) => word.Length == 1 ? word[0] : _wordsBySpan.TryGetValue(word, out int known) ? known : Unknown;

    /// <summary>Letters, digits and underscores in a row are a word, and so is every other character.</summary>
    private static int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && ScanContext.IsWordCharacter(text[end]))
        {
            end++;
        }

        return Math.Max(end, start + 1);
    }

    private record struct State(int Parent, int Word, int Depth)
    {
        public int Otherwise { get; set; }
    }
}

/// <summary>Texts that are equal character by character.</summary>
internal sealed class TextComparer : IEqualityComparer<ReadOnlyMemory<char>>, IAlternateEqualityComparer<ReadOnlySpan<char>, ReadOnlyMemory<char>>
{
    public static readonly TextComparer Instance = new();

    public bool Equals(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<char> obj) => GetHashCode(obj.Span);

    public ReadOnlyMemory<char> Create(ReadOnlySpan<char> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<char> alternate, ReadOnlyMemory<char> other) => alternate.SequenceEqual(other.Span);

    public int GetHashCode(ReadOnlySpan<char> alternate) => string.GetHashCode(alternate, StringComparison.Ordinal);
}
