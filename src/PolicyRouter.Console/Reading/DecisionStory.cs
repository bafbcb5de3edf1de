using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;

namespace PolicyRouter.WebConsole.Reading;

/// <summary>What became of one deployment in a decision.</summary>
/// <param name="Verdict"><c>planned</c>, <c>unsuitable</c> or <c>denied</c>.</param>
/// <param name="Place">Its place in the plan, from 1; null when it is not in it.</param>
/// <param name="Reasons">Rule ids and fixed words.</param>
internal sealed record DeploymentVerdict(string Deployment, string Verdict, int? Place, IReadOnlyList<string> Reasons);

/// <summary>The events of one request, put in the order in which people ask about them.</summary>
internal sealed record DecisionStory(
    RequestDecided Decided, IReadOnlyList<AttemptAuthorized> Attempts, RequestCompleted? End, IReadOnlyList<AuditEvent> Mismatches, IReadOnlyList<RecordedEvent> Recorded)
{
    /// <exception cref="FormatException">An event cannot be read, or none of them is a decision.</exception>
    public static DecisionStory Of(IReadOnlyList<RecordedEvent> recorded)
    {
        AuditEvent[] events = [.. recorded.Select(static stored => CanonicalJsonReader.Read(stored.CanonicalJson))];
        return new DecisionStory(
            events.OfType<RequestDecided>().FirstOrDefault() ?? throw new FormatException("The request has no decision."),
            [.. events.OfType<AttemptAuthorized>()],
            // The first end stands.
            events.OfType<RequestCompleted>().FirstOrDefault(),
            [.. events.Where(static entry => entry is ResidencyMismatch or ModelMismatch)],
            recorded);
    }

    /// <summary>Every deployment, those of the plan first and in its order.</summary>
    public IReadOnlyList<DeploymentVerdict> Verdicts =>
    [
        .. Decided.Plan.Select(static (deployment, i) => new DeploymentVerdict(deployment, "planned", i + 1, [])),
        .. Decided.Unsuitable.Select(static other => new DeploymentVerdict(other.Deployment, "unsuitable", null, other.Rules)),
        .. Decided.Denied.Select(static other => new DeploymentVerdict(other.Deployment, "denied", null, other.Rules)),
    ];

    /// <summary>Every rule id and fixed word that the decision names.</summary>
    public IReadOnlySet<string> Named => Decided.Denied.Concat(Decided.Advisory).Concat(Decided.Shadow).Concat(Decided.Overridden).Concat(Decided.Unsuitable)
        .SelectMany(static other => other.Rules)
        .Concat(Decided.Duties.Select(static duty => duty.Rule))
        .Concat(Decided.Approvals.Select(static approval => approval.Rule))
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>Who may have received the request, each once, in the order of the sends.</summary>
    public IEnumerable<string> SentTo => new[] { Decided.AuthorizedDeployment }.OfType<string>().Concat(Attempts.Select(static attempt => attempt.AuthorizedDeployment)).Distinct();
}
