using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Points;

/// <summary>Short questions to the example pack, changed where a point of the semantics needs it.</summary>
internal static class Example
{
    public const string Registry = "registry.yaml";
    public const string Rules = "rules/core.yaml";
    public static readonly DateOnly Day = new(2026, 11, 2);

    public static PolicySnapshot Snapshot { get; } = TestFolders.Load(TestFolders.Example);

    public static PolicyRequest Ask(string[] data, string[]? subjects = null, string? purpose = "treatment", string[]? features = null, DateOnly? on = null) => new()
    {
        Day = on ?? Day,
        DeclaredClasses = data,
        Subjects = subjects ?? ["us"],
        Purpose = purpose,
        Features = features ?? ["chat"],
    };

    public static PolicySnapshot With(params (string File, string Old, string New)[] changes)
    {
        using ScratchPack pack = new(TestFolders.Example);
        foreach (var (file, old, replacement) in changes)
        {
            pack.Replace(file, old, replacement);
        }

        return Loaded(pack);
    }

    /// <summary>The example with one more rules file; <paramref name="rules"/> are the entries of its list.</summary>
    public static PolicySnapshot WithRules(string rules)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write("rules/more.yaml", More(rules));
        return Loaded(pack);
    }

    public static string More(string rules) =>
        "format: policyrouter/rules/v1\ndefaults: {owner: test, in force: {from: 2026-01-01, until: further notice}}\nrules:\n" + rules;

    public static IEnumerable<string> Allowed(this Decision decision) => decision.Permitted.Select(static p => p.Deployment.Id);

    public static IEnumerable<string> Against(this Decision decision, string deployment) =>
        decision.Denied.Single(d => d.DeploymentId == deployment).Reasons.Select(static r => r.Rule);

    public static Duties DutiesOf(this Decision decision, string deployment) =>
        decision.Permitted.Single(p => p.Deployment.Id == deployment).Duties;

    private static PolicySnapshot Loaded(ScratchPack pack) => pack.Load() is PolicyLoadResult.Loaded loaded
        ? loaded.Snapshot
        : throw new InvalidOperationException(string.Join('\n', pack.Errors().Select(Printing.ProblemPrinter.Print)));
}
