using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Cases;

/// <summary>Moves every date that decides something by one day, each way.</summary>
internal static class DateMutations
{
    /// <param name="model">The policy.</param>
    /// <param name="rules">Those of its rules whose dates are moved.</param>
    public static IEnumerable<Mutant> Of(PolicyModel model, IEnumerable<OwnedRule> rules) =>
        [
            .. rules.SelectMany(owned => OfSpan($"rule {owned.Rule.Id}", owned.Rule.InForce)
                .Select(move => move.Of(owned.Replaced(model, owned.Rule with { InForce = move.Value })))),
            .. model.Agreements.OrderBy(static paper => paper.Id, StringComparer.Ordinal).SelectMany(paper => OfPaper(paper)
                .Select(move => move.Of(model with { Agreements = Replace(model.Agreements, paper, move.Value) }))),
            .. model.Deployments.Where(static d => d.Evidence is not null).SelectMany(deployment => OfEvidence(deployment)
                .Select(move => move.Of(model with { Deployments = Replace(model.Deployments, deployment, move.Value) }))),
            .. model.Adequacies.SelectMany(finding => OfSpan(DateEdges.NameOf(finding), finding.InForce)
                .Select(move => move.Of(model with { Adequacies = Replace(model.Adequacies, finding, finding with { InForce = move.Value }) }))),
        ];

    private static IEnumerable<Move<Agreement>> OfPaper(Agreement paper) =>
        [
            .. OfSpan(paper.Id, paper.InForce).Select(move => new Move<Agreement>(move.Change, move.Day, paper with { InForce = move.Value })),
            .. Each($"the signature of {paper.Id}", paper.SignedOn, isFirstDay: true, day => paper with { SignedOn = day }),
            .. paper.TerminatedOn is { } terminated
                ? Each($"the termination of {paper.Id}", terminated, isFirstDay: true, day => paper with { TerminatedOn = day })
                : [],
        ];

    /// <summary>Its last day follows from its first, so that both move.</summary>
    private static IEnumerable<Move<Deployment>> OfEvidence(Deployment deployment) =>
        Each($"the {DateEdges.NameOf(deployment)}", deployment.Evidence!.CheckedOn, isFirstDay: true, day => deployment with { Evidence = deployment.Evidence with { CheckedOn = day } });

    private static IEnumerable<Move<DateSpan>> OfSpan(string name, DateSpan span) =>
        [
            .. Each($"the first day of {name}", span.From, isFirstDay: true, day => span with { From = day }),
            .. span.Until is { } until ? Each($"the last day of {name}", until, isFirstDay: false, day => span with { Until = day }) : [],
        ];

    private static IEnumerable<Move<T>> Each<T>(string name, DateOnly day, bool isFirstDay, Func<DateOnly, T> moved)
    {
        foreach (var days in (int[])[-1, 1])
        {
            if (days < 0 ? day > DateOnly.MinValue : day < DateOnly.MaxValue)
            {
                var to = day.AddDays(days);
                // The one day on which the moved date makes a difference.
                var differs = isFirstDay == days < 0 ? to : day;
                yield return new($"moving {name} from {day.Iso()} to {to.Iso()}", differs, moved(to));
            }
        }
    }

    private static T[] Replace<T>(IReadOnlyList<T> list, T old, T by) where T : class => [.. list.Select(item => ReferenceEquals(item, old) ? by : item)];

    private sealed record Move<T>(string Change, DateOnly Day, T Value)
    {
        public Mutant Of(PolicyModel model) => new("date moved", Change, $"on {Day.Iso()}", model);
    }
}
