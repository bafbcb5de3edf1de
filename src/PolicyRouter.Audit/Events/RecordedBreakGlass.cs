namespace PolicyRouter.Audit.Events;

/// <summary>A break-glass token as it was used (45 CFR 164.308(a)(7)(ii)(C), 164.312(a)(2)(ii)). The token itself is not kept.</summary>
/// <param name="Ticket">The reference under which the emergency is known.</param>
/// <param name="Rules">Ids of the forbids it names.</param>
/// <param name="SignedBy">The people who signed it.</param>
/// <param name="Expires">When it ends.</param>
/// <param name="ReviewBy">When its use must have been reviewed.</param>
public sealed record RecordedBreakGlass(
    string Ticket, IReadOnlyList<string> Rules, IReadOnlyList<string> SignedBy, DateTimeOffset Expires, DateTimeOffset ReviewBy);
