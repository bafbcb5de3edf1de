using CsCheck;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Tests.Properties;

/// <summary>What must hold of every policy, whatever it says.</summary>
public class PolicyPropertyTests
{
    private const int Iterations = 800;

    [Fact]
    public void AFurtherLabel_NeverTurnsDenyIntoAllow() =>
        Holds(Gen.OneOf<string>([.. Generated.Classes, "bogus", "unclassified"]), static (request, label) =>
            request with { DetectedClasses = [.. request.DetectedClasses, label] }, onlyIf: static request => HasLabel(request));

    [Fact]
    public void AFurtherZone_NeverTurnsDenyIntoAllow() =>
        Holds(Gen.OneOf<string>([.. Generated.Zones, "mars"]), static (request, zone) =>
            request with { Subjects = [.. request.Subjects, zone] }, onlyIf: static request => request.Subjects.Count > 0);

    [Fact]
    public void AnUnknownZoneAddedToNone_NeverTurnsDenyIntoAllow() =>
        Holds(Gen.Const("unknown"), static (request, zone) => request with { Subjects = [.. request.Subjects, zone] }, static _ => true);

    [Fact]
    public void AFurtherFeature_NeverTurnsDenyIntoAllow() =>
        Holds(Gen.OneOf<string>([.. Generated.Features, "teleport"]), static (request, feature) =>
            request with { Features = [.. request.Features, feature] }, static request => request.Features.Count > 0);

    [Fact]
    public void AnUnknownPurpose_NeverTurnsDenyIntoAllow() =>
        Holds(Gen.OneOf<string?>(null, "fun"), static (request, purpose) => request with { Purpose = purpose }, static _ => true);

    [Fact]
    public void AFactThatBecomesUnknown_NeverTurnsDenyIntoAllow() =>
        Gen.Select(Generated.Model, Generated.Request, Gen.Int[0, 5]).Sample(
            static (model, request, which) =>
            {
                var unknown = model with { Deployments = [.. model.Deployments.Select(d => Forget(d, which))] };
                AssertNoneAdded(Allowed(model, request), Allowed(unknown, request));
            },
            iter: Iterations);

    [Fact]
    public void APaperThatEnds_NeverIncreasesAccess() =>
        Gen.Select(Generated.Model, Generated.Request).Where(static (model, _) => model.Agreements.Count > 0).Sample(
            static (model, request) =>
            {
                for (var i = 0; i < model.Agreements.Count; i++)
                {
                    var ended = model with
                    {
                        Agreements = [.. model.Agreements.Select((a, j) => i == j ? a with { TerminatedOn = request.Day } : a)],
                    };
                    AssertNoneAdded(Allowed(model, request), Allowed(ended, request));
                }
            },
            iter: Iterations);

    [Fact]
    public void AShorterPaper_NeverIncreasesAccess() =>
        Gen.Select(Generated.Model, Generated.Request, Gen.Int[1, 4]).Where(static (model, _, _) => model.Agreements.Count > 0).Sample(
            static (model, request, days) =>
            {
                for (var i = 0; i < model.Agreements.Count; i++)
                {
                    var shorter = model with { Agreements = [.. model.Agreements.Select((a, j) => i == j ? Shorten(a, days) : a)] };
                    AssertNoneAdded(Allowed(model, request), Allowed(shorter, request));
                }
            },
            iter: Iterations);

    [Fact]
    public void ARuleWrittenTwice_ChangesNothing() =>
        Gen.Select(Generated.Model, Generated.Request).Sample(
            static (model, request) =>
            {
                // Tokens and approvals name one rule, so that a second one would not be named.
                request = request with { BreakGlass = null, Approvals = [] };
                foreach (var rule in model.Rules)
                {
                    Assert.Equal(Allowed(model, request), Allowed(model with { Rules = [.. model.Rules, rule with { Id = "R-AGAIN" }] }, request));
                }
            },
            iter: Iterations);

    [Fact]
    public void APermitSplitByItsClasses_PermitsTheSame() =>
        Gen.Select(Generated.Model, Generated.Request).Sample(
            static (model, request) =>
            {
                request = request with { Approvals = [] };
                var split = model with
                {
                    Rules = [.. model.Rules.SelectMany(static rule => rule.Effect is not Effect.Permit ? [rule] : rule.CoversData.Select(label => rule with { Id = $"{rule.Id}-{label}", CoversData = [label] }))],
                };
                Assert.Equal(Allowed(model, request), Allowed(split, request));
            },
            iter: Iterations);

    [Fact]
    public void ATenantsBounds_NeverIncreaseAccess() =>
        Gen.Select(Generated.WithTenants, Generated.Request).Sample(
            static (model, request) => AssertNoneAdded(Allowed(model, request with { Tenant = null }), Allowed(model, request)),
            iter: Iterations);

    [Fact]
    public void TheOrderOfRulesPapersAndDeployments_ChangesNothing() =>
        Gen.Select(Generated.Model, Generated.Request, Gen.Int).Sample(
            static (model, request, seed) =>
            {
                var shuffled = model with
                {
                    Rules = Shuffled(model.Rules, seed),
                    Agreements = Shuffled(model.Agreements, seed),
                    Deployments = Shuffled(model.Deployments, seed),
                    Classes = Shuffled(model.Classes, seed),
                    Zones = Shuffled(model.Zones, seed),
                };
                Assert.Equal(Print(model, request), Print(shuffled, request));
            },
            iter: Iterations);

    [Fact]
    public void RemovingAllPreferRules_LeavesTheAllowedSetUnchanged() =>
        Gen.Select(Generated.Model, Generated.Request).Sample(
            static (model, request) => Assert.Equal(
                Allowed(model, request),
                Allowed(model with { Rules = [.. model.Rules.Where(static r => r.Effect is not Effect.Prefer)] }, request)),
            iter: Iterations);

    [Fact]
    public void TheSameRequestAndSnapshot_GiveTheSameAnswerAgain() =>
        Gen.Select(Generated.Model, Generated.Request).Sample(
            static (model, request) =>
            {
                var snapshot = Generated.Compile(model);
                Assert.Equal(Text(snapshot.Decide(request)), Text(snapshot.Decide(request)));
            },
            iter: Iterations / 3);

    private static void Holds<T>(Gen<T> more, Func<PolicyRequest, T, PolicyRequest> add, Func<PolicyRequest, bool> onlyIf) =>
        Gen.Select(Generated.Model, Generated.Request, more).Sample(
            (model, request, word) =>
            {
                if (onlyIf(request))
                {
                    AssertNoneAdded(Allowed(model, request), Allowed(model, add(request, word)));
                }
            },
            iter: Iterations);

    private static bool HasLabel(PolicyRequest request) =>
        request.FloorClasses.Count + request.DeclaredClasses.Count + request.DetectedClasses.Count > 0;

    private static void AssertNoneAdded(SortedSet<string> before, SortedSet<string> after) => Assert.Empty(after.Except(before));

    private static SortedSet<string> Allowed(PolicyModel model, PolicyRequest request) =>
        new(Generated.Compile(model).Decide(request).Permitted.Select(static p => p.Deployment.Id), StringComparer.Ordinal);

    private static string Print(PolicyModel model, PolicyRequest request) => Text(Generated.Compile(model).Decide(request));

    private static string Text(Decision decision)
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        using (System.Text.Json.Utf8JsonWriter writer = new(buffer))
        {
            Printing.DecisionJson.Write(writer, decision);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static Deployment Forget(Deployment d, int which) => which switch
    {
        0 => d with { Hosting = null },
        1 => d with { RetentionDays = null },
        2 => d with { TrainingOnOurData = null },
        3 => d with { ProcessingRegions = ["unknown"] },
        4 => d with { ProviderReviewsContent = null },
        _ => d with { Status = "unknown" },
    };

    /// <summary>One that begins later or ends sooner by so many days; it may come out as never in force.</summary>
    private static Agreement Shorten(Agreement paper, int days) => paper.InForce.Until is { } until
        ? paper with { InForce = paper.InForce with { Until = until.AddDays(-days) } }
        : paper with { InForce = paper.InForce with { From = paper.InForce.From.AddDays(days) } };

    private static T[] Shuffled<T>(IReadOnlyList<T> items, int seed)
    {
        T[] copy = [.. items];
        new Random(seed).Shuffle(copy);
        return copy;
    }
}
