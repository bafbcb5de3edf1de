using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Reporting;

/// <summary>The timeline while it is gathered, in whatever order. Bounded: the earliest entries stay, and alike findings are summed.</summary>
internal sealed class TimelineSums(int most)
{
    private readonly SortedSet<(DateTimeOffset At, Guid Id, string Kind, string Subject, string Detail)> _entries = [];
    private readonly BoundedTable<(string Kind, string Subject, string Detail), FailureSums> _summed = new(most, (Tally.Others, "", ""));

    public long LeftOut { get; private set; }

    /// <summary>Something that stands for itself.</summary>
    public void Add(DateTimeOffset at, Guid id, string kind, string subject, string detail)
    {
        _entries.Add((at, id, kind, subject, detail));
        if (_entries.Count > most)
        {
            _entries.Remove(_entries.Max);
            LeftOut++;
        }
    }

    /// <summary>Something that may come with every request: the alike become one entry.</summary>
    public void Sum(DateTimeOffset at, string kind, string subject, string detail) => _summed.Of((kind, subject, detail)).Add(at);

    public IReadOnlyList<TimelineEntry> Sorted(IEnumerable<Incident> incidents)
    {
        List<TimelineEntry> timeline =
        [
            .. _summed.Rows.Select(static row => new TimelineEntry(
                row.Value.First, row.Key.Kind, row.Key.Subject, row.Key.Detail, row.Value.Count, row.Value.Last)),
        ];
        foreach (var incident in incidents)
        {
            timeline.Add(Once(incident.Began, "incident_began", incident.Deployment, incident.Code));
            if (incident.AnsweredAgain is { } again)
            {
                timeline.Add(Once(again, "incident_ended", incident.Deployment, incident.Code));
            }
        }

        TimelineEntry? activated = null;
        foreach (var (at, _, kind, subject, detail) in _entries)
        {
            // Every node activates a version for itself.
            if (kind == EventTypes.PolicyActivated && activated?.Subject == subject)
            {
                timeline.Remove(activated);
                activated = activated with { Count = activated.Count + 1, Until = at };
                timeline.Add(activated);
                continue;
            }

            var entry = Once(at, kind, subject, detail);
            timeline.Add(entry);
            activated = kind == EventTypes.PolicyActivated ? entry : activated;
        }

        return
        [
            .. timeline.OrderBy(static entry => entry.At).ThenBy(static entry => entry.Kind, StringComparer.Ordinal)
                .ThenBy(static entry => entry.Subject, StringComparer.Ordinal).ThenBy(static entry => entry.Detail, StringComparer.Ordinal),
        ];
    }

    private static TimelineEntry Once(DateTimeOffset at, string kind, string subject, string detail) => new(at, kind, subject, detail, 1, at);
}
