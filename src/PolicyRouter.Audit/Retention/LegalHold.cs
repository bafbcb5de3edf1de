namespace PolicyRouter.Audit.Retention;

/// <summary>A legal hold that is in force.</summary>
/// <param name="From">Covers events at or after this time; null from the beginning.</param>
/// <param name="To">Covers events before this time; null without an end.</param>
/// <param name="Apps">Covers the requests of these apps; empty for everything.</param>
/// <param name="Event">The id of the event that placed it.</param>
public sealed record LegalHold(string Name, DateTimeOffset At, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<string> Apps, string Reason, string By, Guid Event)
{
    /// <summary>Whether it covers a time, its apps aside.</summary>
    public bool Overlaps(DateTimeOffset first, DateTimeOffset last) => !(From > last) && !(To <= first);
}
