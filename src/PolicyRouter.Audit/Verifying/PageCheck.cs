using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Verifying;

/// <summary>Compares entries with recorded leaf hashes and says what became of the first one that differs.</summary>
internal sealed class PageCheck
{
    private readonly LogPage _page;
    private readonly byte[] _found;
    private readonly int _expectedCount;

    private PageCheck(LogPage page)
    {
        _page = page;
        _expectedCount = page.LeafHashes.Length / TreeHash.Size;
        _found = new byte[page.Entries.Count * TreeHash.Size];
        for (var i = 0; i < page.Entries.Count; i++)
        {
            TreeHash.Leaf(page.Entries[i].Bytes, _found.AsSpan(i * TreeHash.Size, TreeHash.Size));
        }
    }

    /// <summary>The first difference: its index, the event that stands there, what is wrong. Null when there is none.</summary>
    public static (long Index, Guid? EventId, string What)? FirstDifference(LogPage page)
    {
        PageCheck check = new(page);
        for (var i = 0; i < Math.Max(check._expectedCount, page.Entries.Count); i++)
        {
            var index = page.First + i;
            if (check.DifferenceAt(i, index) is { } what)
            {
                return (index, i < page.Entries.Count && page.Entries[i].Index == index ? page.Entries[i].Id : null, what);
            }
        }

        return null;
    }

    private string? DifferenceAt(int i, long index)
    {
        if (i >= _page.Entries.Count)
        {
            return "The entry is missing.";
        }

        if (_page.Entries[i].Index > index)
        {
            return "The entry is missing.";
        }

        if (_page.Entries[i].Index < index)
        {
            return $"The entry is there twice: another one stands at index {_page.Entries[i].Index} as well.";
        }

        if (i >= _expectedCount)
        {
            return "The entry was inserted: no commit of the log has it.";
        }

        return Found(i).SequenceEqual(Expected(i)) ? _page.Entries[i].Fault : HowItDiffers(i);
    }

    private string HowItDiffers(int i)
    {
        if (i + 1 < _expectedCount && Found(i).SequenceEqual(Expected(i + 1)))
        {
            return i + 1 < _page.Entries.Count && Found(i + 1).SequenceEqual(Expected(i))
                ? $"The entry was reordered: it stood at index {_page.First + i + 1}."
                : "The entry is missing, and those behind it have moved up.";
        }

        if (i + 1 < _page.Entries.Count && Found(i + 1).SequenceEqual(Expected(i)))
        {
            return "The entry was inserted: the one that stood here stands behind it.";
        }

        for (var other = 0; other < _expectedCount; other++)
        {
            if (Found(i).SequenceEqual(Expected(other)))
            {
                return $"The entry was reordered: it stood at index {_page.First + other}.";
            }
        }

        return "The entry was altered: its bytes are not those that were recorded.";
    }

    private ReadOnlySpan<byte> Found(int i) => _found.AsSpan(i * TreeHash.Size, TreeHash.Size);

    private ReadOnlySpan<byte> Expected(int i) => _page.LeafHashes.AsSpan(i * TreeHash.Size, TreeHash.Size);
}
