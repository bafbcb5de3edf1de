using System.Buffers;
using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction;

/// <summary>
/// Names and labelled numbers found anywhere in one request, so that they are found again where they stand without a label:
/// scan every text and <see cref="Learn"/>, then <see cref="AddMentions"/> for every text. Cleared when disposed; not safe for
/// use by several threads at once.
/// </summary>
public sealed class KnownValues : IDisposable
{
    /// <summary>Most values followed in one request; each costs one vectorised pass over each text.</summary>
    public const int Capacity = 64;

    // Longer ones are no identifiers that anybody would refer to.
    private const int LongestIdentifier = 128;

    private static readonly SearchValues<char> OfIdentifiers = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private readonly List<(char[] Value, Finding Finding)> _values = [];

    /// <summary>Remembers the values of those kinds that have no shape of their own.</summary>
    public void Learn(ReadOnlySpan<char> text, IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        for (int i = 0; i < findings.Count && _values.Count < Capacity; i++)
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

    /// <summary>
    /// Adds what is known and was not yet found in this text; the findings stay ordered and without overlaps. In an identifier, <c>maria_martinez</c> is Maria Martinez.
    /// </summary>
    public void AddMentions(ReadOnlySpan<char> text, List<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        if (_values.Count == 0)
        {
            return;
        }

        int found = findings.Count;
        Span<char> room = stackalloc char[LongestIdentifier];
        ReadOnlySpan<char> words = WordsOf(text, room);
        foreach ((char[] value, Finding finding) in _values)
        {
            RepeatedMentions.AddOf(findings, finding with { Start = -1 }, value, text);
            if (!words.IsEmpty)
            {
                RepeatedMentions.AddOf(findings, finding with { Start = -1 }, value, words, StringComparison.OrdinalIgnoreCase);
            }
        }

        room.Clear();

        if (findings.Count > found)
        {
            FindingResolver.Resolve(findings, 0, text);
        }
    }

    public void Dispose()
    {
        foreach ((char[] value, _) in _values)
        {
            Array.Clear(value);
        }

        _values.Clear();
    }

    /// <summary>The words of an identifier, each where it stands in it; empty for any other text.</summary>
    private static ReadOnlySpan<char> WordsOf(ReadOnlySpan<char> text, Span<char> room)
    {
        if (text.Length > room.Length || text.ContainsAnyExcept(OfIdentifiers))
        {
            return default;
        }

        text.CopyTo(room);
        Span<char> words = room[..text.Length];
        words.Replace('_', ' ');
        words.Replace('-', ' ');
        return words;
    }

    private void Remember(ReadOnlySpan<char> value, Finding finding)
    {
        if (_values.Count < Capacity && !Contains(value))
        {
            _values.Add((value.ToArray(), finding));
        }
    }

    private bool Contains(ReadOnlySpan<char> value)
    {
        foreach ((char[] known, _) in _values)
        {
            if (value.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}
