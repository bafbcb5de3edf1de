using System.Text.Encodings.Web;
using Microsoft.Extensions.Compliance.Redaction;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// The placeholders of one request: one per value, never shared between requests, never logged, cleared when disposed.
/// Not safe for use by several threads at once.
/// </summary>
/// <remarks>
/// A value is its exact spelling: "4111 1111 ..." and "4111-1111-..." get two placeholders, so that restoring gives back every
/// text as it was.
/// </remarks>
public sealed class PlaceholderTable : IDisposable
{
    private const int MaxEntries = 999_999;

    private readonly List<PlaceholderEntry> _entries = [];
    private readonly Dictionary<int, int> _firstByHash = [];
    private readonly PlaceholderMatcher _matcher;
    private readonly PlaceholderRedactorProvider _redactors;
    private readonly PlaceholderRedactor _literals;
    private readonly Conversation? _conversation;
    private bool _isDisposed;

    /// <summary>A table for a request by itself, with a key of its own.</summary>
    public PlaceholderTable()
        : this(new ReplacementSources(RedactionKey.NewRandom("none"), Conversation: null, TimeProvider.System))
    {
    }

    public PlaceholderTable(ReplacementSources sources)
        : this((sources ?? throw new ArgumentNullException(nameof(sources))).Conversation?.Nonce ?? PlaceholderFormat.NewNonce(), sources)
    {
    }

    internal PlaceholderTable(string nonce, ReplacementSources? sources = null)
    {
        sources ??= new ReplacementSources(RedactionKey.NewRandom("none"), Conversation: null, TimeProvider.System);
        Nonce = nonce;
        _conversation = sources.Conversation;
        _matcher = new PlaceholderMatcher(nonce);
        _redactors = new PlaceholderRedactorProvider(this, sources);
        _literals = new PlaceholderRedactor(this, PlaceholderFormat.LiteralKind, isBareNumber: false);
    }

    /// <summary>How many different values have a placeholder.</summary>
    public int Count => _entries.Count;

    /// <summary>The redactors behind <see cref="Replace"/>, by data classification; unknown classifications are erased.</summary>
    public IRedactorProvider Redactors => _redactors;

    internal string Nonce { get; }

    internal PlaceholderMatcher Matcher => _matcher;

    /// <summary>
    /// The text with every finding that a profile covers replaced, or null when nothing had to be. Text of the caller's that
    /// already looks like a placeholder of this table gets a placeholder of its own, so that it is not restored as somebody's value.
    /// </summary>
    /// <remarks>A bare number in JSON is replaced by a quoted placeholder, so that the JSON stays JSON.</remarks>
    /// <param name="text">The text that was scanned.</param>
    /// <param name="findings">Its findings, in order and without overlaps.</param>
    /// <param name="profiles">The profiles to perform; together they cover what any of them covers.</param>
    /// <param name="replaced">Grows by the number of findings replaced.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public string? Replace(ReadOnlySpan<char> text, IReadOnlyList<Finding> findings, IReadOnlyList<RedactionProfile> profiles, ref int replaced)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(profiles);
        int next = NextCovered(findings, 0, profiles, out RedactionMethod method);
        if (next == findings.Count && !_matcher.TryFind(text, 0, out _))
        {
            return null;
        }

        PooledText output = new(text.Length + 64);
        try
        {
            bool isJson = text.TrimStart() is ['{' or '[', ..];
            int at = 0;
            while (next < findings.Count)
            {
                Finding finding = findings[next];
                int following = NextCovered(findings, next + 1, profiles, out RedactionMethod methodOfFollowing);
                int limit = following < findings.Count ? findings[following].Start : text.Length;
                int start = Math.Max(finding.Start, at);
                int end = WithDigits(text, Math.Max(finding.End, start), limit);
                if (end > start)
                {
                    AppendCallerText(ref output, text[at..start]);
                    bool isBareNumber = isJson && JsonNumber.IsBare(text, start, end);
                    Append(ref output, text[start..end], _redactors.For(finding.Type, method, isBareNumber));
                    at = end;
                    replaced++;
                }

                (next, method) = (following, methodOfFollowing);
            }

            AppendCallerText(ref output, text[at..]);
            return output.ToString();
        }
        finally
        {
            output.Dispose();
        }
    }

    /// <summary>
    /// The text with known placeholders put back, or null when there were none. One that a model invented after those of this table becomes its kind in brackets; others stay as
    /// they are.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public string? Restore(ReadOnlySpan<char> text, RestoreContext context)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_entries.Count == 0 || !TryFindOurs(text, 0, out PlaceholderMatch match))
        {
            return null;
        }

        PooledText output = new(text.Length + 64);
        try
        {
            int at = 0;
            do
            {
                output.Append(text[at..match.Start]);
                if (match.Entry is { } entry)
                {
                    AppendValue(ref output, entry.Value, context);
                }
                else
                {
                    AppendInvented(ref output, match.Invented!);
                }

                at = match.End;
            }
            while (TryFindOurs(text, at, out match));

            output.Append(text[at..]);
            return output.ToString();
        }
        finally
        {
            output.Dispose();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        foreach (PlaceholderEntry entry in _entries)
        {
            Array.Clear(entry.Value);
        }

        _entries.Clear();
        _matcher.Clear();
        _firstByHash.Clear();
    }

    /// <summary>Says nothing about the values.</summary>
    public override string ToString() => nameof(PlaceholderTable);

    /// <summary>The entry of a value, made when the value is new.</summary>
    internal PlaceholderEntry Assign(ReadOnlySpan<char> value, string kind, bool isBareNumber)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int hash = string.GetHashCode(value, StringComparison.Ordinal);
        int first = _firstByHash.GetValueOrDefault(hash, -1);
        for (int i = first; i >= 0; i = _entries[i].Next)
        {
            if (_entries[i].IsBareNumber == isBareNumber && value.SequenceEqual(_entries[i].Value))
            {
                return _entries[i];
            }
        }

        if (_entries.Count >= MaxEntries)
        {
            throw new InvalidOperationException($"One request has more than {MaxEntries} different values to replace.");
        }

        PlaceholderEntry entry = new(NumberFor(value), kind, value.ToArray(), isBareNumber, hash, first);
        _firstByHash[hash] = _entries.Count;
        _entries.Add(entry);
        _matcher.Register(entry);
        return entry;
    }

    /// <summary>First match of a placeholder that the table has, or that a model invented after those, at or after a place.</summary>
    internal bool TryFindOurs(ReadOnlySpan<char> text, int from, out PlaceholderMatch match)
    {
        while (_matcher.TryFind(text, from, out match))
        {
            if (match.Entry is not null || match.Invented is not null)
            {
                return true;
            }

            from = match.End;
        }

        return false;
    }

    /// <summary>Counts up, or follows from the value in a conversation; no two values have the same.</summary>
    private int NumberFor(ReadOnlySpan<char> value)
    {
        int number = _conversation?.NumberOf(value) ?? _entries.Count + 1;
        while (_matcher.Has(number))
        {
            number = Conversation.After(number);
        }

        return number;
    }

    /// <summary>The next finding that a profile covers, and the method that tells least.</summary>
    private static int NextCovered(IReadOnlyList<Finding> findings, int from, IReadOnlyList<RedactionProfile> profiles, out RedactionMethod method)
    {
        for (int i = from; i < findings.Count; i++)
        {
            RedactionMethod? least = null;
            for (int p = 0; p < profiles.Count; p++)
            {
                RedactionMethod? one = profiles[p].MethodFor(findings[i]);
                least = least is null || one < least ? one ?? least : least;
            }

            if (least is { } found)
            {
                method = found;
                return i;
            }
        }

        method = default;
        return findings.Count;
    }

    // A digit right behind a placeholder would be read as part of its number, so it becomes part of the value.
    private static int WithDigits(ReadOnlySpan<char> text, int end, int limit)
    {
        while (end < limit && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end;
    }

    private static void Append(ref PooledText output, ReadOnlySpan<char> value, Redactor redactor)
    {
        Span<char> room = output.Reserve(redactor.GetRedactedLength(value));
        redactor.Redact(value, room);
    }

    /// <summary>"[name]": what a model made up stands for nobody, and shows nothing of how values are hidden.</summary>
    private static void AppendInvented(ref PooledText output, string kind)
    {
        output.Append("[");
        kind.AsSpan().ToLowerInvariant(output.Reserve(kind.Length));
        output.Append("]");
    }

    private static void AppendValue(ref PooledText output, ReadOnlySpan<char> value, RestoreContext context)
    {
        if (context == RestoreContext.Text)
        {
            output.Append(value);
            return;
        }

        Span<char> room = output.Reserve(value.Length * JavaScriptEncoder.UnsafeRelaxedJsonEscaping.MaxOutputCharactersPerInputCharacter);
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value, room, out _, out int written);
        output.Trim(room.Length - written);
    }

    private void AppendCallerText(ref PooledText output, ReadOnlySpan<char> text)
    {
        int at = 0;
        while (_matcher.TryFind(text, at, out PlaceholderMatch match))
        {
            output.Append(text[at..match.Start]);
            Append(ref output, text[match.Start..match.End], _literals);
            at = match.End;
        }

        output.Append(text[at..]);
    }
}
