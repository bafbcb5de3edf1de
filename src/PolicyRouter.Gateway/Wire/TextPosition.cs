namespace PolicyRouter.Gateway.Wire;

/// <summary>One place where text can hide: a JSON string (or number) token of the body.</summary>
/// <param name="Start">Byte offset of the token in the body, quotes included.</param>
/// <param name="Length">Length of the token in bytes, quotes included.</param>
/// <param name="Key">The nearest JSON key, as context for the scanner; empty inside arrays of a root without one.</param>
/// <param name="IsNumber">True for a number token, which is replaced as a string.</param>
public readonly record struct TextPosition(int Start, int Length, string Key, bool IsNumber);

/// <summary>The text that takes the place of a position's.</summary>
public readonly record struct Replacement(TextPosition Position, string Text);
