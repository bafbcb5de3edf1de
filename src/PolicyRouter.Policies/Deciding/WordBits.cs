using System.Collections.Frozen;

namespace PolicyRouter.Policies.Deciding;

/// <summary>A closed list of up to 63 words as bits of one number. The highest bit stands for every word that is not on it.</summary>
internal sealed class WordBits
{
    /// <summary>The most words a list may have.</summary>
    public const int Capacity = 63;

    public const ulong Unknown = 1UL << 63;

    private readonly FrozenDictionary<string, int> _index;

    public WordBits(IEnumerable<string> words)
    {
        Words = [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _index = Words.Select(static (word, i) => KeyValuePair.Create(word, i)).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>In ordinal order; bit i stands for word i.</summary>
    public IReadOnlyList<string> Words { get; }

    public ulong Bit(string word) => _index.TryGetValue(word, out var index) ? 1UL << index : Unknown;

    public ulong Bits(IEnumerable<string> words)
    {
        var bits = 0UL;
        if (words is IReadOnlyList<string> list)
        {
            // By index, which takes no enumerator.
            for (var i = 0; i < list.Count; i++)
            {
                bits |= Bit(list[i]);
            }

            return bits;
        }

        foreach (var word in words)
        {
            bits |= Bit(word);
        }

        return bits;
    }
}
