namespace PolicyRouter.Redaction.Names;

/// <summary>One word, number or sign of a text, with what the tagger asks about it.</summary>
/// <param name="Start">Where it begins, in UTF-16 code units.</param>
/// <param name="Length">So many code units.</param>
/// <param name="Word">Hash of the folded word.</param>
/// <param name="Start3">Hash of its first three letters.</param>
/// <param name="End2">Hash of its last two letters.</param>
/// <param name="End3">Hash of its last three letters.</param>
/// <param name="Shape">How it is written.</param>
/// <param name="Lists">The word lists it stands in.</param>
internal readonly record struct Token(
    int Start, int Length, uint Word, uint Start3, uint End2, uint End3, TokenShape Shape, WordLists Lists)
{
    public int End => Start + Length;

    /// <summary><see cref="Word"/> of a word.</summary>
    public static uint HashOf(ReadOnlySpan<char> word) => Short(WordHash.Of(word));

    /// <summary>Half of a hash.</summary>
    public static uint Short(ulong hash) => (uint)(hash ^ (hash >> 32));

    /// <summary>How the words of its line are written.</summary>
    public LineCase Line { get; init; }
}

/// <summary>How a token is written. The numbers are part of the trained model.</summary>
internal enum TokenShape : byte
{
    None = 0,
    LowerCase = 1,
    Capitalised = 2,
    UpperCase = 3,

    /// <summary>One capital letter.</summary>
    Initial = 4,

    /// <summary>Capitals inside, as in "McDonald" and "iPhone".</summary>
    MixedCase = 5,

    /// <summary>Capitalised, with a hyphen or an apostrophe inside.</summary>
    Compound = 6,
    ShortNumber = 7,
    LongNumber = 8,

    /// <summary>Letters with digits or underscores: an identifier, not a word.</summary>
    Identifier = 9,
    FullStop = 10,
    Comma = 11,
    Colon = 12,
    LineBreak = 13,
    Quote = 14,
    Bracket = 15,
    Dash = 16,
    OtherSign = 17,

    /// <summary>A URL or an e-mail address.</summary>
    Address = 18,

    /// <summary>A word in a script without cases.</summary>
    Caseless = 19,
}

/// <summary>How the words of a line are written. The numbers are part of the trained model.</summary>
internal enum LineCase : byte
{
    Sentence = 0,
    LowerCase = 1,
    UpperCase = 2,

    /// <summary>Every word capitalised: a heading, or nothing but a name.</summary>
    Title = 3,
}
