namespace PolicyRouter.Redaction;

/// <summary>
/// What stands in the place of a value, in the order of how much it tells. When several profiles cover a value, the first of their methods is used. A method that
/// a value does not admit (a date that cannot be read) gives way to a placeholder.
/// </summary>
public enum RedactionMethod : byte
{
    /// <summary>Nothing. The value does not come back.</summary>
    Erase,

    /// <summary>A numbered placeholder, which becomes the value again in the answer.</summary>
    Placeholder,

    /// <summary>A keyed hash that is the same for the same value in every request (HMAC-SHA-256, RFC 2104). The value does not come back.</summary>
    Pseudonym,

    /// <summary>A date moved by a number of days that is the same for all dates of one conversation, so that intervals stay. The date does not come back.</summary>
    Shift,

    /// <summary>
    /// Asterisks: of a payment card the first six and the last four digits stay (PCI DSS v4.0.1, requirement 3.4.1), of other values the last four
    /// characters when there are twelve or more. The value does not come back.
    /// </summary>
    Mask,

    /// <summary>
    /// What Safe Harbor lets stand (45 CFR 164.514(b)(2)(i)): the year of a date, "90+" for an age over 89 and for a year of birth that tells of one, the first
    /// three digits of a ZIP code of a large enough area. The value does not come back.
    /// </summary>
    Generalise,
}
