using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Finds rules that can never fire, as far as their own lines tell. Such a rule protects nobody and reads as if it did.</summary>
internal static class NeverFires
{
    public static void Check(
        string what, Effect effect, IReadOnlyList<(Condition Condition, ScalarNode At)> when,
        IReadOnlyList<(Condition Condition, ScalarNode At)> unless, ProblemLog log)
    {
        foreach (var (exception, at) in unless)
        {
            if (when.Any(condition => Includes(exception, condition.Condition)))
            {
                log.Error(at, ProblemCodes.NeverFires, $"{what} can never fire: this exception holds whenever its \"when all\" does");
            }
        }

        for (var i = 0; i < when.Count; i++)
        {
            var (condition, at) = when[i];
            if (when.Take(i).Any(earlier => Excludes(earlier.Condition, condition)))
            {
                log.Error(at, ProblemCodes.NeverFires, $"{what} can never fire: \"{condition.Phrase.Name}\" stands here twice, with answers that exclude each other");
            }

            if (effect is Effect.Permit && condition is DeploymentStatusIs { Status: not DeploymentStatusIs.Approved })
            {
                log.Error(at, ProblemCodes.NeverFires, $"{what} can never fire: only approved deployments match a permit", "deployment status is: approved");
            }
        }
    }

    /// <summary>True when the first holds wherever the second does.</summary>
    private static bool Includes(Condition wide, Condition narrow) => (wide, narrow) switch
    {
        (PurposeIs a, PurposeIs b) => b.Words.All(a.Words.Contains),
        (BusinessUnitIs a, BusinessUnitIs b) => b.Words.All(a.Words.Contains),
        (ProcessingStaysWithin a, ProcessingStaysWithin b) => b.Words.All(a.Words.Contains),
        (HostingIs a, HostingIs b) => b.Words.All(a.Words.Contains),
        (RetentionAtMost a, RetentionAtMost b) => b.Days <= a.Days,
        (DeploymentStatusIs or TrainingIs or ProviderReviewsContent, _) => wide == narrow,
        _ => false,
    };

    /// <summary>True when both can never hold together. A request may have several classes and zones, so those never exclude.</summary>
    private static bool Excludes(Condition one, Condition other) => (one, other) switch
    {
        (PurposeIs a, PurposeIs b) => !a.Words.Any(b.Words.Contains),
        (BusinessUnitIs a, BusinessUnitIs b) => !a.Words.Any(b.Words.Contains),
        (HostingIs a, HostingIs b) => !a.Words.Any(b.Words.Contains),
        (DeploymentStatusIs a, DeploymentStatusIs b) => a.Status != b.Status,
        (ProviderReviewsContent a, ProviderReviewsContent b) => a.Review != b.Review,
        (TrainingIs a, TrainingIs b) => a.Training != b.Training,
        _ => false,
    };
}
