using CsCheck;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Tests.Properties;

/// <summary>Small policies and requests that meet each other often: few words, few days, every kind of rule, paper and unknown.</summary>
internal static class Generated
{
    public static readonly string[] Classes = ["internal", "pii", "phi", "card"];
    public static readonly string[] Zones = ["us", "eea", "uk"];
    public static readonly string[] Purposes = ["treatment", "marketing"];
    public static readonly string[] Features = ["chat", "vision", "batch"];
    public static readonly string[] BusinessUnits = ["clinic", "lab"];
    public static readonly string[] Tenants = ["north", "south"];
    private static readonly string[] Roles = ["privacy", "research"];
    private static readonly string[] Providers = ["alpha", "beta"];
    private static readonly string[] Services = ["s1", "s2"];
    private static readonly string[] Models = ["m1", "m2"];
    private static readonly DateOnly FirstDay = new(2026, 1, 1);

    public static readonly Gen<DateOnly> Day = Gen.Int[0, 12].Select(FirstDay.AddDays);

    private static readonly Gen<DateSpan> Span = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 8], Gen.Bool, static (from, length, open) =>
        new DateSpan(FirstDay.AddDays(from), open ? null : FirstDay.AddDays(from + length)));

    private static Gen<string[]> Some(string[] words, int least = 1) => Gen.Shuffle(words, least, words.Length);

    private static readonly Gen<Deployment> OneDeployment = Gen.Select(
        Gen.Select(Gen.OneOf<string>(Providers), Gen.OneOf<string>(Services), Gen.OneOf<string>(Models)),
        Gen.Select(Some(Features), Some([.. Zones, "unknown"]), Some([.. Zones, "unknown"])),
        Gen.Select(
            Gen.OneOf<string?>("vendor", "own-premises", null),
            Gen.OneOf<int?>(0, 30, null),
            Gen.OneOf<string?>("never", "opt-out", null),
            Gen.OneOf("approved", "approved", "approved", "suspended", "unknown"),
            Gen.Select(Gen.OneOf<string?>("never", "flagged", null), Gen.Int[-190, 20])),
        static (who, where, how) => new Deployment
        {
            Id = "",
            Provider = who.Item1,
            Service = who.Item2,
            Model = who.Item3,
            Features = where.Item1,
            ProcessingRegions = where.Item2.Length > 2 ? where.Item2[..1] : where.Item2,
            StorageRegions = where.Item3.Length > 1 ? where.Item2[..1] : where.Item3,
            Hosting = how.Item1,
            RetentionDays = how.Item2,
            TrainingOnOurData = how.Item3,
            Status = how.Item4,
            ProviderReviewsContent = how.Item5.Item1,
            // Most say nothing; of the others some are too old, some become so, and some are not gathered yet.
            Evidence = how.Item5.Item2 is < -172 or > 3 ? new(FirstDay.AddDays(how.Item5.Item2), "somebody", "somewhere") : null,
        });

    private static readonly Gen<DeploymentCondition> OneDeploymentCondition = Gen.OneOf<DeploymentCondition>(
        Gen.OneOf("approved", "suspended").Select(static s => (DeploymentCondition)new DeploymentStatusIs(s)),
        Gen.OneOf("vendor", "own-premises").Select(static s => (DeploymentCondition)new HostingIs([s])),
        Gen.OneOf("never", "opt-out").Select(static s => (DeploymentCondition)new TrainingIs(s)),
        Gen.OneOf("never", "flagged").Select(static r => (DeploymentCondition)new ProviderReviewsContent(r)),
        Gen.Shuffle(Zones, 1, 2).Select(static z => (DeploymentCondition)new ProcessingStaysWithin(z)),
        Gen.OneOf(0, 10).Select(static d => (DeploymentCondition)new RetentionAtMost(d)));

    private static readonly Gen<Condition> Paper = Gen.OneOf<Condition>(
        Gen.OneOf("baa", "dpa", "transfer").Select(static t => (Condition)new AgreementInForce(t)),
        Gen.Const((Condition)new EveryTransferIsCovered()));

    private static readonly Gen<Condition> Purpose = Some(Purposes).Select(static w => (Condition)new PurposeIs(w));

    private static readonly Gen<Condition> AnyCondition = Gen.OneOf<Condition>(
        OneDeploymentCondition.Select(static c => (Condition)c),
        Paper,
        Purpose,
        Some(BusinessUnits).Select(static w => (Condition)new BusinessUnitIs(w)),
        Some(Features).Select(static w => (Condition)new FeatureUsed(w[..1])),
        Gen.OneOf<string>(Roles).Select(static r => (Condition)new ApprovalHeld(r)),
        Some(Classes).Select(static w => (Condition)new DataIncludes(w[..1])),
        Some(Zones).Select(static w => (Condition)new SubjectsLiveIn(w[..1])));

    private static readonly Gen<Agreement> OneAgreement = Gen.Select(
        Gen.Select(Gen.OneOf("baa", "dpa", "transfer"), Gen.OneOf<string>(Providers), Span, Gen.Int[0, 4], Gen.Int[0, 14]),
        Gen.Select(Some(Services), Gen.OneOf<string[]?>(null, ["m1"]), Some(Features), Some(Zones), Gen.Bool),
        Gen.Select(OneDeploymentCondition.Array[0, 1], Gen.Select(Gen.OneOf<string>(Zones), Gen.OneOf<string>(Zones)).Array[0, 3]),
        static (head, covers, rest) => new Agreement
        {
            Id = "",
            Type = head.Item1,
            With = head.Item2,
            InForce = head.Item3,
            ReviewBy = null,
            SignedOn = FirstDay.AddDays(head.Item4),
            TerminatedOn = head.Item5 > 10 ? FirstDay.AddDays(head.Item5 - 4) : null,
            Services = covers.Item1,
            Models = covers.Item2,
            Features = covers.Item3,
            Regions = head.Item1 == "transfer" && covers.Item5 ? null : covers.Item4,
            Transfers = head.Item1 == "transfer" ? [.. rest.Item2.Select(static t => new Transfer(t.Item1, t.Item2))] : [],
            OnlyIf = rest.Item1,
        });

    private static readonly Gen<Rule> OneRule = Gen.Select(
        Gen.Select(Gen.OneOf(Effect.Permit, Effect.Permit, Effect.Forbid, Effect.Require, Effect.Prefer), Span, Gen.Enum<Strength>(), Gen.Int[0, 7]),
        Gen.Select(AnyCondition.Array[0, 3], AnyCondition.Array[0, 2]),
        Gen.Select(
            Some([.. Classes, "unclassified"]), OneDeploymentCondition.Array[1, 2], Gen.OneOf<int?>(1, 6, null), Gen.OneOf<int?>(null, null, 400),
            Gen.OneOf<string?>(null, null, "privacy")),
        static (head, conditions, rest) => new Rule
        {
            Id = "",
            Title = "title",
            Owner = "owner",
            Reason = "Because.",
            Citation = ["Law 1"],
            Effect = head.Item1,
            InForce = head.Item2,
            Shadow = head.Item4 == 0,
            Strength = head.Item1 is Effect.Forbid ? head.Item3 : Strength.Absolute,
            WhenAll = [.. conditions.Item1.Where(c => Places.Objection(c, head.Item1, Place.When) is null)],
            UnlessAny = [.. conditions.Item2.Where(c => Places.Objection(c, head.Item1, Place.Unless) is null)],
            CoversData = head.Item1 is Effect.Permit ? rest.Item1 : [],
            Duty = head.Item1 is Effect.Require ? new("secrets", "full", rest.Item3, rest.Item4) { Approval = rest.Item5 } : null,
            Prefer = head.Item1 is Effect.Prefer ? rest.Item2 : [],
        });

    public static readonly Gen<PolicyModel> Model = Gen.Select(
        OneDeployment.Array[1, 6], OneAgreement.Array[0, 5], OneRule.Array[1, 9],
        Gen.Select(Gen.OneOf<string>(Zones), Gen.OneOf<string>(Zones), Span).Array[0, 2],
        static (deployments, agreements, rules, adequacies) => PolicyModel.Empty with
        {
            Classes =
            [
                new("internal", "", [], null), new("pii", "", ["internal"], null), new("phi", "", ["pii"], null), new("card", "", ["pii"], null),
            ],
            Zones = Zones,
            Purposes = Purposes,
            Features = Features,
            BusinessUnits = BusinessUnits,
            Deployments = [.. deployments.Select(static (d, i) => d with { Id = $"d{i}" })],
            Agreements = [.. agreements.Select(static (a, i) => a with { Id = $"A-{i}" })],
            Rules = [.. rules.Select(static (r, i) => r with { Id = $"R-{i}" }), Broad("internal"), Broad("pii")],
            Adequacies = [.. adequacies.Select(static a => new Adequacy(a.Item1, a.Item2, a.Item3, null))],
        });

    private static readonly Gen<Tenant> OneTenant = Gen.Select(OneRule.Array[0, 3], Gen.Select(Gen.Int[0, 8], AnyCondition.Array[1, 2]).Array[0, 2]).Select(static (rules, narrowed) => new Tenant(
        "",
        [.. rules.Where(static rule => rule.Effect is Effect.Forbid or Effect.Require).Select(static (rule, i) => rule with { Id = $"T-{i}" })],
        narrowed.Select(static one => (Permit: one.Item1 == 0 ? "P-pii" : $"R-{one.Item1}", Further: one.Item2))
            .DistinctBy(static one => one.Permit)
            .ToDictionary(
                static one => one.Permit,
                static one => (IReadOnlyList<Condition>)[.. one.Further.Where(static c => Places.Objection(c, Effect.Permit, Place.When) is null)],
                StringComparer.Ordinal)));

    /// <summary>The same with up to two tenants; what they narrow is narrowed only where it is a permit.</summary>
    public static readonly Gen<PolicyModel> WithTenants = Gen.Select(Model, OneTenant.Array[0, 2]).Select(static (model, tenants) => model with
    {
        Tenants = [.. tenants.Select((tenant, i) => tenant with
        {
            Name = Tenants[i],
            Narrowed = tenant.Narrowed.Where(pair => model.Rules.Any(rule => rule.Id == pair.Key && rule.Effect is Effect.Permit)).ToDictionary(StringComparer.Ordinal),
        })],
    });

    public static readonly Gen<PolicyRequest> Request = Requests([.. Classes, "bogus"], [.. Zones, "mars"], [.. Purposes, "fun"], [.. Features, "teleport"], Day);

    public static Gen<PolicyRequest> Requests(string[] classes, string[] zones, string[] purposes, string[] features, Gen<DateOnly> day) => Gen.Select(
        Gen.Select(Gen.Shuffle(classes, 0, 1), Gen.Shuffle(classes, 0, 2), Gen.Shuffle(classes, 0, 1)),
        Gen.Select(Gen.Shuffle(zones, 0, 2), Gen.OneOf<string?>([.. purposes, null]), Gen.Shuffle(features, 0, 2)),
        Gen.Select(
            day, Gen.OneOf<string?>([.. BusinessUnits, null, "fun"]), Override,
            Gen.Select(Gen.OneOf("R", "T"), Gen.Int[0, 8], Gen.OneOf<string>(Roles)).Array[0, 3], Gen.OneOf<string?>([.. Tenants, null, null, "west"])),
        static (data, about, rest) => new PolicyRequest
        {
            Day = rest.Item1,
            BusinessUnit = rest.Item2,
            Caller = "app",
            BreakGlass = rest.Item3,
            Approvals = [.. rest.Item4.Select(static a => Approval.Supposed($"{a.Item1}-{a.Item2}", a.Item3))],
            Tenant = rest.Item5,
            FloorClasses = data.Item1,
            DeclaredClasses = data.Item2,
            DetectedClasses = data.Item3,
            Subjects = about.Item1,
            Purpose = about.Item2,
            Features = about.Item3,
        });

    private static Gen<BreakGlass?> Override => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 8], Gen.Shuffle(Classes, 1, 2), Gen.OneOf("app", "other")).Select(
        static (none, rule, classes, caller) => none > 0
            ? null
            : new BreakGlass([$"R-{rule}", $"R-{(rule + 1) % 9}"], caller, classes, "T-1", DateTimeOffset.MaxValue, ["a", "b"]));

    public static PolicySnapshot Compile(PolicyModel model) => new(model, "sha256:" + new string('1', 64));

    /// <summary>Without broad permits most random policies would deny everything and prove little.</summary>
    private static Rule Broad(string label) => new()
    {
        Id = $"P-{label}",
        Title = "title",
        Owner = "owner",
        Reason = "Because.",
        Citation = ["Law 1"],
        Effect = Effect.Permit,
        InForce = new(FirstDay.AddDays(1), null),
        WhenAll = [],
        UnlessAny = [],
        CoversData = [label],
    };
}
