using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>when all</c> and <c>unless any</c> of a never-claim.</summary>
internal static class ClaimConditions
{
    private const string IncludesUnknownPlaceName = "processing includes unknown place";

    public static (IReadOnlyList<Condition> WhenAll, IReadOnlyList<Condition> UnlessAny) Read(MapReader entry, Vocabulary words) =>
        (Conditions(entry, "when all", required: true, Place.When, words), Conditions(entry, "unless any", required: false, Place.Unless, words));

    /// <summary>A claim forbids, so its phrases stand where those of a forbid stand; one more phrase is its own.</summary>
    private static List<Condition> Conditions(MapReader entry, string key, bool required, Place place, Vocabulary words)
    {
        var what = $"\"{key}\" of {entry.What}";
        var node = entry.Any(key, required);
        List<Condition> conditions = [];
        if (node is ListNode list && place is Place.When)
        {
            var own = list.Items.Where(static item => item is MapNode { Entries: [{ Key.Text: IncludesUnknownPlaceName }] }).Cast<MapNode>().ToList();
            foreach (var item in own)
            {
                if (item.Entries[0].Value is not ScalarNode { Text: "true" })
                {
                    words.Log.Error(item.Entries[0].Value, ProblemCodes.Shape, $"\"{IncludesUnknownPlaceName}\" in {what} takes the word true", "true");
                }

                conditions.Add(new ProcessingIncludesUnknownPlace());
            }

            if (own.Count > 0 && own.Count == list.Items.Count)
            {
                return conditions;
            }

            node = own.Count == 0 ? list : new ListNode(list.File, list.Line, list.Column, [.. list.Items.Except(own)]);
        }

        conditions.AddRange(new ConditionReader(words, what, Effect.Forbid, place).ReadList(node).Select(static c => c.Condition));
        return conditions;
    }

    /// <summary><c>processing includes unknown place</c>: some place of the deployment is unknown, or none is named.</summary>
    private sealed record ProcessingIncludesUnknownPlace : DeploymentCondition
    {
        public override string Phrase => IncludesUnknownPlaceName;

        public override bool Holds(Deployment deployment, bool whenUnknown) =>
            !deployment.Places().Any() || deployment.Places().Contains(Deployment.UnknownPlace);
    }
}
