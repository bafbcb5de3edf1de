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

    /// <summary>Adds what is known and was not yet found in this text; the findings stay ordered and without overlaps.</summary>
    public void AddMentions(ReadOnlySpan<char> text, List<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        int found = findings.Count;
        foreach ((char[] value, Finding finding) in _values)
        {
            RepeatedMentions.AddOf(findings, finding with { Start = -1 }, value, text);
        }

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
