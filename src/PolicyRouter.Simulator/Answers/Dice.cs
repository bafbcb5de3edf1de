namespace PolicyRouter.Simulator.Answers;

/// <summary>A tiny seeded generator (splitmix64): the same on every machine and without allocation.</summary>
internal struct Dice(ulong seed)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private ulong _state = seed;

    /// <summary>A seed for one text, so that the same text falls into the same pieces.</summary>
    public static ulong SeedFor(ulong seed, ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL ^ seed;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 1099511628211UL;
        }

        return hash;
    }

    /// <summary>From 0 to <paramref name="limit"/> - 1.</summary>
    public int Next(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>From 0 up to, and without, 1.</summary>
    public double NextShare() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>An identifier such as <c>chatcmpl-9aBc…</c>.</summary>
    public string NextId(string prefix, int length)
    {
        var dice = this;
        var id = string.Create(prefix.Length + length, (prefix, dice), static (span, state) =>
        {
            state.prefix.CopyTo(span);
            foreach (ref var character in span[state.prefix.Length..])
            {
                character = Letters[state.dice.Next(Letters.Length)];
            }
        });
        _ = Next();
        return id;
    }

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
