using CsCheck;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Tests.Properties;

namespace PolicyRouter.Policies.Tests.Proving;

/// <summary>Every request of a small generated policy, one by one: what the proofs must count.</summary>
internal static class BruteForce
{
    /// <summary>Few enough words that every combination can be tried in a test; the rules keep theirs, which then are unknown words. Zones stay whole, because a place that no list names is no valid policy.</summary>
    public static Gen<PolicyModel> Small { get; } = Generated.Model.Select(static model => model with { Features = ["chat", "vision"], BusinessUnits = ["clinic"] });

    public static IEnumerable<PolicyRequest> Requests(PolicyModel model, IReadOnlyList<DayInterval> days)
    {
        string[] labels = [.. model.Classes.Select(static c => c.Id).Append("unclassified").Distinct()];
        string[] zones = [.. model.Zones, "unknown"];
        return
            from day in days
            from classes in Subsets(labels)
            from subjects in Subsets(zones)
            from features in Subsets(model.Features).Where(static set => set.Length > 0)
            from purpose in model.Purposes.Append(null)
            from unit in model.BusinessUnits.Append(null)
            select new PolicyRequest
            {
                Day = day.Near(DateOnly.MinValue.AddDays(400)),
                DeclaredClasses = classes,
                Subjects = subjects,
                Features = features,
                Purpose = purpose,
                BusinessUnit = unit,
            };
    }

    public static IReadOnlyList<DayInterval> Days(params PolicyModel[] models) => DayInterval.Between(models.SelectMany(static model => Generated.Compile(model).Edges));

    private static IEnumerable<string[]> Subsets(IReadOnlyList<string> words) =>
        Enumerable.Range(0, 1 << words.Count).Select(set => words.Where((_, i) => (set >> i & 1) != 0).ToArray());
}
