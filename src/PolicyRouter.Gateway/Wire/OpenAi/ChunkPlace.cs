using System.Globalization;
using System.Text.Json;
using PolicyRouter.Redaction.Replacement;
using PolicyRouter.Redaction.Restoring;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>
/// A place in the choices of one stream, below another one: the same value is found there in every chunk, so that what is known of it is kept there. A text that has been seen there has
/// a restorer of its own, and what that holds back.
/// </summary>
internal sealed class ChunkPlace
{
    private const int LongestName = 64;

    private readonly string _key;
    private readonly SortedDictionary<string, ChunkPlace> _texts;
    private Dictionary<string, ChunkPlace>? _members;
    private Dictionary<int, ChunkPlace>? _elements;
    private StreamRestorer? _restorer;
    private bool _hasText;

    private ChunkPlace(string path, string key, SortedDictionary<string, ChunkPlace> texts)
    {
        Path = path;
        _key = key;
        _texts = texts;
        IsNoText = AnswerWords.IsNoText(key);
    }

    /// <summary>Steps with a <c>/</c> before each; a number after <c>#</c> for an element, by its <c>index</c> if it has one.</summary>
    public string Path { get; }

    /// <summary>True when a string here is no text: by the nearest property name.</summary>
    public bool IsNoText { get; }

    /// <summary>The place of a whole choice.</summary>
    /// <param name="texts">Gets every place of a text in it, by its path.</param>
    public static ChunkPlace OfChoice(SortedDictionary<string, ChunkPlace> texts) => new("", "", texts);

    public ChunkPlace Member(JsonProperty member)
    {
        Span<char> room = stackalloc char[LongestName];
        var name = JsonText.DecodeName(member, room);
        _members ??= new Dictionary<string, ChunkPlace>(StringComparer.Ordinal);
        if (!_members.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var place))
        {
            var key = name.ToString();
            _members[key] = place = new ChunkPlace($"{Path}/{Escape(key)}", key, _texts);
        }

        return place;
    }

    public ChunkPlace Element(int index)
    {
        _elements ??= [];
        if (!_elements.TryGetValue(index, out var place))
        {
            _elements[index] = place = new ChunkPlace(string.Create(CultureInfo.InvariantCulture, $"{Path}/#{index}"), _key, _texts);
        }

        return place;
    }

    /// <inheritdoc cref="StreamRestorer.Take"/>
    public string? Take(ReadOnlySpan<char> piece, PlaceholderTable placeholders)
    {
        if (_restorer is null)
        {
            _restorer = new StreamRestorer(placeholders, AnswerWords.ContextOf(_key));
            _texts[Path] = this;
        }

        _hasText = true;
        return _restorer.Take(piece);
    }

    /// <summary>What is held back; nothing when no piece came since the last time.</summary>
    public string Flush()
    {
        if (!_hasText)
        {
            return "";
        }

        _hasText = false;
        return _restorer!.Flush();
    }

    // JSON Pointer's way (RFC 6901), with one more for the mark of elements.
    public static string Unescape(string step) =>
        step.Replace("~2", "#", StringComparison.Ordinal).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static string Escape(string name) =>
        name.AsSpan().IndexOfAny('~', '/', '#') < 0
            ? name
            : name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal).Replace("#", "~2", StringComparison.Ordinal);
}
