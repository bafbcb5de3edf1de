using System.Globalization;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>Takes the keys of one map, one by one, and reports what is missing, misshapen or left over.</summary>
internal sealed class MapReader
{
    private readonly MapNode _map;
    private readonly ProblemLog _log;
    private readonly List<string> _asked = [];
    private readonly Dictionary<string, PolicyNode> _values = new(StringComparer.Ordinal);

    private MapReader(MapNode map, string what, ProblemLog log)
    {
        _map = map;
        What = what;
        _log = log;
        foreach (var entry in map.Entries)
        {
            _values[entry.Key.Text] = entry.Value;
        }
    }

    /// <summary>What is being read, for messages: <c>rule F-HIPAA-BAA</c>.</summary>
    public string What { get; set; }

    public PolicyNode Node => _map;

    public static MapReader? Of(PolicyNode? node, string what, ProblemLog log)
    {
        if (node is MapNode map)
        {
            return new(map, what, log);
        }

        if (node is not null)
        {
            log.Error(node, ProblemCodes.Shape, $"{what} must be a map of keys and values");
        }

        return null;
    }

    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>The word of a key, for messages: nothing is reported, and the key still counts as not read.</summary>
    public string? Peek(string key) => _values.TryGetValue(key, out var value) ? (value as ScalarNode)?.Text : null;

    public ScalarNode KeyNode(string key) => _map.Entries.First(entry => entry.Key.Text == key).Key;

    public PolicyNode? Any(string key, bool required = true)
    {
        _asked.Add(key);
        if (_values.TryGetValue(key, out var value))
        {
            return value;
        }

        if (required)
        {
            _log.Error(_map, ProblemCodes.MissingKey, $"{What} needs \"{key}\"");
        }

        return null;
    }

    public ScalarNode? Text(string key, bool required = true)
    {
        switch (Any(key, required))
        {
            case ScalarNode { IsBlank: false } scalar:
                return scalar;
            case { } other:
                _log.Error(other, ProblemCodes.Shape, $"\"{key}\" in {What} must be a word or a sentence");
                return null;
            default:
                return null;
        }
    }

    public ScalarNode? OneOf(string key, IEnumerable<string> known, bool required = true)
    {
        if (Text(key, required) is not { } word)
        {
            return null;
        }

        if (known.Contains(word.Text, StringComparer.Ordinal))
        {
            return word;
        }

        _log.UnknownWord(word, ProblemCodes.UnknownWord, $"unknown {key} \"{word.Text}\" in {What}", known);
        return null;
    }

    /// <summary>A list of words; with <paramref name="single"/>, one bare word is a list of one.</summary>
    public IReadOnlyList<ScalarNode> Words(string key, bool required = true, bool single = false, bool mayBeEmpty = false) =>
        Any(key, required) switch
        {
            null => [],
            ScalarNode { IsBlank: false } word when single => [word],
            ListNode list => WordsOf(list, key, mayBeEmpty),
            var other => Misshapen(other, key),
        };

    public IReadOnlyList<PolicyNode> List(string key, bool required = true)
    {
        switch (Any(key, required))
        {
            case ListNode list:
                return list.Items;
            case { } other:
                _log.Error(other, ProblemCodes.Shape, $"\"{key}\" in {What} must be a list");
                return [];
            default:
                return [];
        }
    }

    public int? Number(string key, int least, int most, bool required = true)
    {
        if (Text(key, required) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        _log.Error(text, ProblemCodes.Shape, $"\"{key}\" in {What} must be a whole number from {least} to {most}");
        return null;
    }

    public DateOnly? Date(string key, bool required = true) => Text(key, required) is { } text ? DateOf(text) : null;

    /// <summary>The dates of <c>in force</c>. <c>further notice</c> must be written: a missing end is an error.</summary>
    public DateSpan? InForce(string key = "in force", bool required = true)
    {
        if (Of(Any(key, required), $"\"{key}\" in {What}", _log) is not { } span)
        {
            return null;
        }

        var from = span.Date("from");
        var until = span.Text("until");
        span.Close();
        if (from is not { } first || until is null)
        {
            return null;
        }

        if (until.Text == "further notice")
        {
            return new(first, null);
        }

        if (DateOf(until, "or \"further notice\"") is not { } last)
        {
            return null;
        }

        if (last < first)
        {
            _log.Error(until, ProblemCodes.Date, $"{span.What} ends before it begins, so it is never in force");
            return null;
        }

        return new(first, last);
    }

    /// <summary>Reports every key that nobody asked for.</summary>
    public void Close()
    {
        foreach (var entry in _map.Entries.Where(entry => !_asked.Contains(entry.Key.Text)))
        {
            _log.UnknownWord(entry.Key, ProblemCodes.UnknownKey, $"unknown key \"{entry.Key.Text}\" in {What}", _asked);
        }
    }

    private DateOnly? DateOf(ScalarNode text, string also = "")
    {
        if (DateOnly.TryParseExact(text.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        _log.Error(text, ProblemCodes.Date, $"\"{text.Text}\" in {What} is not a date", $"write it as 2026-12-31 {also}".TrimEnd());
        return null;
    }

    private List<ScalarNode> WordsOf(ListNode list, string key, bool mayBeEmpty)
    {
        List<ScalarNode> words = [];
        foreach (var item in list.Items)
        {
            if (item is not ScalarNode { IsBlank: false } word)
            {
                _log.Error(item, ProblemCodes.Shape, $"\"{key}\" in {What} must be a list of words");
            }
            else if (words.Exists(other => other.Text == word.Text))
            {
                _log.Error(word, ProblemCodes.DuplicateId, $"\"{word.Text}\" stands twice in \"{key}\" of {What}");
            }
            else
            {
                words.Add(word);
            }
        }

        if (list.Items.Count == 0 && !mayBeEmpty)
        {
            _log.Error(list, ProblemCodes.Shape, $"\"{key}\" in {What} is empty");
        }

        return words;
    }

    private IReadOnlyList<ScalarNode> Misshapen(PolicyNode other, string key)
    {
        _log.Error(other, ProblemCodes.Shape, $"\"{key}\" in {What} must be a list of words");
        return [];
    }
}
