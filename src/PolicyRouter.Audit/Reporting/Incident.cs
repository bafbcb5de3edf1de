namespace PolicyRouter.Audit.Reporting;

/// <summary>
/// A stretch of failures of one deployment with one code. It begins with the first of at least <see cref="MinFailures"/> such failures between which the
/// deployment answered nobody, or of fewer when the gateway put it last for its health meanwhile. It is over when the deployment has answered since and
/// <see cref="Quiet"/> has passed without another one. It ends at the last failure.
/// </summary>
public sealed record Incident
{
    public const int MinFailures = 3;

    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);

    public required string Deployment { get; init; }
    public required string Code { get; init; }

    /// <summary>The first failure.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>The last failure.</summary>
    public required DateTimeOffset LastFailure { get; init; }

    /// <summary>The deployment's first answer after the last failure; null when there is none in the period.</summary>
    public required DateTimeOffset? AnsweredAgain { get; init; }

    /// <summary>True when the period's end came more than <see cref="Quiet"/> after the last failure, and the deployment answered again.</summary>
    public required bool IsOver { get; init; }

    /// <summary>Failed attempts.</summary>
    public required long Failures { get; init; }

    /// <summary>Answers of the deployment between the first and the last failure: more than a few mean that it failed in part only.</summary>
    public required long AnswersMeanwhile { get; init; }

    /// <summary>Requests that failed there, or were kept away from it meanwhile because it was put last for its health.</summary>
    public required FateCounts Affected { get; init; }

    /// <summary>Of the affected, those that were not sent there.</summary>
    public required long KeptAway { get; init; }

    /// <summary>Who answered requests that had failed there.</summary>
    public required IReadOnlyList<NamedCount> TookOver { get; init; }

    /// <summary>Who answered requests that were kept away. Some of these would have gone there without the incident, too.</summary>
    public required IReadOnlyList<NamedCount> AnsweredInstead { get; init; }

    /// <summary>Affected requests by route, by data class, by where the people concerned live, and by app.</summary>
    public required IReadOnlyList<NamedCount> Routes { get; init; }
    public required IReadOnlyList<NamedCount> Classes { get; init; }
    public required IReadOnlyList<NamedCount> Subjects { get; init; }
    public required IReadOnlyList<NamedCount> Apps { get; init; }

    /// <summary>Affected requests that were lost, by data class and by where the people live.</summary>
    public required IReadOnlyList<NamedCount> LostClasses { get; init; }
    public required IReadOnlyList<NamedCount> LostSubjects { get; init; }
}
