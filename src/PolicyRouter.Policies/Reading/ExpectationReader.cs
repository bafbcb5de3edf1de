using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads what a case expects: <c>permitted</c>, <c>denied</c> and <c>duties</c>.</summary>
internal sealed class ExpectationReader
{
    private const string NoPermit = "no permit for ";
    private const string NotOffered = "feature not offered: ";
    private const string ApprovalNeeded = "approval needed: ";
    private static readonly string[] Fixed = ["contradictory duties", "unknown tenant"];

    private readonly Vocabulary _words;
    private readonly string[]? _forbids;
    private readonly string[]? _requires;

    /// <param name="words">Names of the other files.</param>
    /// <param name="rules">Null while some rule could not be read: then ids of rules are not checked.</param>
    public ExpectationReader(Vocabulary words, IReadOnlyList<Rule>? rules)
    {
        _words = words;
        _forbids = Ids(Effect.Forbid);
        _requires = Ids(Effect.Require);

        string[]? Ids(Effect effect) => rules is null ? null : [.. rules.Where(rule => rule.Effect == effect).Select(static rule => rule.Id)];
    }

    /// <summary>Null when the case does not say.</summary>
    public IReadOnlyList<string>? Permitted(MapReader entry) => entry.Has("permitted")
        ? _words.Check(entry.Words("permitted", mayBeEmpty: true), _words.Deployments, "deployment", entry.What)
        : Absent(entry, "permitted");

    /// <summary>Per deployment every reason, sorted.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Denied(MapReader entry) =>
        PerDeployment(entry, "denied", mayBeEmpty: false, CheckReason);

    /// <summary>Per deployment every duty rule, sorted. An empty list says that there are none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Duties(MapReader entry) =>
        PerDeployment(entry, "duties", mayBeEmpty: true, (duty, what) => _words.Check(duty, _requires, "duty rule", what));

    private static IReadOnlyList<string>? Absent(MapReader entry, string key)
    {
        entry.Any(key, required: false);
        return null;
    }

    private Dictionary<string, IReadOnlyList<string>> PerDeployment(MapReader entry, string key, bool mayBeEmpty, Action<ScalarNode, string> check)
    {
        Dictionary<string, IReadOnlyList<string>> lists = new(StringComparer.Ordinal);
        if (entry.Any(key, required: false) is not { } node || MapReader.Of(node, $"\"{key}\" of {entry.What}", _words.Log) is not { } map)
        {
            return lists;
        }

        foreach (var deployment in ((MapNode)map.Node).Entries.Select(static pair => pair.Key))
        {
            _words.Check(deployment, _words.Deployments, "deployment", map.What);
            var list = map.Words(deployment.Text, mayBeEmpty: mayBeEmpty);
            foreach (var word in list)
            {
                check(word, map.What);
            }

            lists[deployment.Text] = [.. list.Select(static word => word.Text).Order(StringComparer.Ordinal)];
        }

        return lists;
    }

    /// <summary>A reason is the id of a forbid, or one of the fixed words of the engine.</summary>
    private void CheckReason(ScalarNode reason, string what)
    {
        if (Fixed.Contains(reason.Text) || (reason.Text.StartsWith(ApprovalNeeded, StringComparison.Ordinal) && reason.Text.Length > ApprovalNeeded.Length))
        {
            return;
        }

        if (reason.Text.StartsWith(NoPermit, StringComparison.Ordinal))
        {
            _words.Check(reason, _words.Classes?.Append(CompiledWords.Unclassified).Select(static c => NoPermit + c).ToList(), "reason", what);
        }
        else if (reason.Text.StartsWith(NotOffered, StringComparison.Ordinal))
        {
            _words.Check(reason, _words.Features?.Select(static feature => NotOffered + feature).ToList(), "reason", what);
        }
        else
        {
            _words.Check(
                reason, _forbids is null ? null : [.. _forbids, NoPermit + "CLASS", NotOffered + "FEATURE", ApprovalNeeded + "ROLE", .. Fixed], "reason", what);
        }
    }
}
