using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Tests.Proving;

/// <summary>A policy as large as a big bank would write: many deployments, rules, papers and dates, all different, and always the same.</summary>
internal static class LargePolicy
{
    private static readonly DateOnly FirstDay = new(2026, 1, 1);
    private static readonly string[] Features = ["chat", "embeddings", "vision", "batch", "web-search"];
    private static readonly string[] Zones = ["us", "eea", "uk", "ca-qc", "other"];

    public static PolicyModel Of(int deployments, int rules, int classes, int purposes)
    {
        Random random = new(20261102);
        string[] labels = [.. Enumerable.Range(0, classes).Select(static i => $"class-{i}")];
        string[] reasons = [.. Enumerable.Range(0, purposes).Select(static i => $"purpose-{i}")];
        return PolicyModel.Empty with
        {
            // A third stand alone, the others "are also" an earlier one.
            Classes = [.. labels.Select((label, i) => new DataClass(label, label, i % 3 == 0 ? [] : [labels[random.Next(i)]], null))],
            Zones = Zones,
            Purposes = reasons,
            Features = Features,
            BusinessUnits = ["clinic", "lab"],
            Deployments = [.. Enumerable.Range(0, deployments).Select(i => Deployment(i, random))],
            Agreements = [.. Enumerable.Range(0, deployments / 2).Select(i => Agreement(i, random))],
            Rules =
            [
                .. labels.Select(label => Rule($"P-{label}", Effect.Permit, random) with { CoversData = [label], WhenAll = [new DeploymentStatusIs("approved")] }),
                .. Enumerable.Range(0, rules - classes).Select(i => Further(i, random, labels, reasons)),
            ],
        };
    }

    private static Deployment Deployment(int index, Random random) => new()
    {
        Id = $"d-{index:000}",
        Provider = $"provider-{index % 15}",
        Service = $"service-{index % 20}",
        Model = $"model-{index % 7}",
        Hosting = index % 9 == 0 ? "own-premises" : "vendor",
        Features = [.. Features.Take(1 + random.Next(Features.Length))],
        ProcessingRegions = [index % 17 == 0 ? "unknown" : Zones[random.Next(Zones.Length)]],
        StorageRegions = [Zones[random.Next(Zones.Length)]],
        RetentionDays = random.Next(4) switch { 0 => null, 1 => 30, _ => 0 },
        TrainingOnOurData = random.Next(5) == 0 ? null : "never",
        Status = "approved",
    };

    private static Agreement Agreement(int index, Random random) => new()
    {
        Id = $"A-{index}",
        Type = (index % 3) switch { 0 => "baa", 1 => "dpa", _ => "transfer" },
        With = $"provider-{index % 15}",
        InForce = new(FirstDay.AddDays(30 * random.Next(6)), FirstDay.AddDays(400 + 30 * random.Next(12))),
        ReviewBy = null,
        SignedOn = FirstDay.AddDays(-10),
        TerminatedOn = null,
        Services = [.. Enumerable.Range(0, 20).Select(static i => $"service-{i}")],
        Models = null,
        Features = [.. Features.Take(1 + random.Next(Features.Length))],
        Regions = index % 3 == 2 ? null : Zones,
        Transfers = index % 3 == 2 ? [new("eea", "us"), new("uk", "us"), new("eea", Zones[random.Next(Zones.Length)])] : [],
        OnlyIf = [],
    };

    private static Rule Further(int index, Random random, string[] labels, string[] purposes)
    {
        DataIncludes data = new([labels[random.Next(labels.Length)]]);
        Condition narrowing = random.Next(4) switch
        {
            0 => new SubjectsLiveIn([Zones[random.Next(Zones.Length)]]),
            1 => new FeatureUsed([Features[1 + random.Next(Features.Length - 1)]]),
            2 => new BusinessUnitIs([random.Next(2) == 0 ? "clinic" : "lab"]),
            _ => new PurposeIs([purposes[random.Next(purposes.Length)]]),
        };
        Condition exception = random.Next(6) switch
        {
            0 => new AgreementInForce(random.Next(2) == 0 ? "baa" : "dpa"),
            1 => new EveryTransferIsCovered(),
            2 => new HostingIs(["own-premises"]),
            3 => new TrainingIs("never"),
            4 => new ProcessingStaysWithin([Zones[random.Next(Zones.Length)], "us"]),
            _ => new RetentionAtMost(random.Next(31)),
        };
        return index % 4 == 3
            ? Rule($"D-{index}", Effect.Require, random) with { WhenAll = [data, narrowing], Duty = new("secrets", "full", 1 + random.Next(6), null) }
            : Rule($"F-{index}", Effect.Forbid, random) with
            {
                WhenAll = [data, narrowing],
                UnlessAny = [exception],
                Strength = index % 5 == 0 ? Strength.Overridable : Strength.Absolute,
            };
    }

    private static Rule Rule(string id, Effect effect, Random random) => new()
    {
        Id = id,
        Title = id,
        Effect = effect,
        Owner = "owner",
        InForce = random.Next(10) == 0 ? new(FirstDay, FirstDay.AddDays(300 + 30 * random.Next(6))) : new(FirstDay, null),
        Reason = "Because.",
        Citation = ["Law 1"],
        WhenAll = [],
        UnlessAny = [],
    };
}
