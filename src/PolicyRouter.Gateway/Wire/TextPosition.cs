namespace PolicyRouter.Gateway.Wire;

/// <summary>What else in a body may refer to a text by.</summary>
public enum IdentifierKind
{
    /// <summary>No identifier.</summary>
    None,

    /// <summary>The name of a member, which schemas and code repeat.</summary>
    Name,

    /// <summary>An id that a machine made, which pairs a call with its result.</summary>
    Id,
}

/// <summary>One place where text can hide: a JSON string (or number) token of the body.</summary>
/// <param name="Start">Byte offset of the token in the body, quotes included.</param>
/// <param name="Length">Length of the token in bytes, quotes included.</param>
/// <param name="Key">The nearest JSON key, as context for the scanner; empty inside arrays of a root without one, and for identifiers.</param>
/// <param name="IsNumber">True for a number token, which is replaced as a string.</param>
/// <param name="Identifier">Which kind of identifier it is, if it is one.</param>
public readonly record struct TextPosition(int Start, int Length, string Key, bool IsNumber, IdentifierKind Identifier = IdentifierKind.None);

/// <summary>The text that takes the place of a position's.</summary>
public readonly record struct Replacement(TextPosition Position, string Text);
