using System.Security.Cryptography;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>What the replacements of one request come from.</summary>
/// <param name="Key">For pseudonyms.</param>
/// <param name="Conversation">What is the same in all requests of its conversation; null for a request by itself, whose placeholders and shift are its own.</param>
/// <param name="Time">For ages.</param>
public sealed record ReplacementSources(RedactionKey Key, Conversation? Conversation, TimeProvider Time)
{
    private const int MostDays = 364;

    /// <summary>By so many days dates are moved, never by none.</summary>
    internal int ShiftDays { get; } = Conversation?.ShiftDays ?? ((RandomNumberGenerator.GetInt32(2) * 2) - 1) * RandomNumberGenerator.GetInt32(1, MostDays + 1);
}
