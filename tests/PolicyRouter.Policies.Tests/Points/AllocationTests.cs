using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Tests.Proving;

namespace PolicyRouter.Policies.Tests.Points;

/// <summary>A decision takes the memory of its own result and none besides: no enumerators, closures or lists that grow.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData(10, 10)]
    [InlineData(60, 100)]
    [InlineData(60, 1_000)]
    public void ADecision_TakesNoMoreMemoryThanItsResult(int deployments, int rules)
    {
        var model = LargePolicy.Of(deployments, rules, classes: 6, purposes: 4);
        PolicySnapshot snapshot = new(model, "sha256:test");
        PolicyRequest[] requests =
        [
            .. from label in model.Classes
               from zone in model.Zones
               from feature in model.Features
               select new PolicyRequest
               {
                   Day = new(2026, 11, 25), DeclaredClasses = [label.Id], DetectedClasses = ["class-0"], Subjects = [zone], Purpose = "purpose-1", Features = ["chat", feature],
               },
        ];
        foreach (var request in requests)
        {
            // What is compiled, cached and pooled once is none of the decision's.
            _ = Copy(snapshot.Decide(request), snapshot);
        }

        foreach (var request in requests)
        {
            // The least of three: a pool that a collection has just emptied is filled again.
            Decision? decision = null;
            var decided = Enumerable.Range(0, 3).Min(_ => Allocated(() => decision = snapshot.Decide(request)));
            var copied = Allocated(() => Copy(decision!, snapshot));

            Assert.True(decided <= copied, $"{decided} bytes for a decision of {copied}");
        }
    }

    private static long Allocated(Func<object> make)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(make());
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>The same decision with every part of its own made anew.</summary>
    private static Decision Copy(Decision decision, PolicySnapshot snapshot)
    {
        var permitted = new PermittedDeployment[decision.Permitted.Count];
        for (var i = 0; i < permitted.Length; i++)
        {
            var one = decision.Permitted[i];
            var isShared = false;
            for (var j = 0; j < i; j++)
            {
                isShared |= ReferenceEquals(decision.Permitted[j].Duties, one.Duties);
            }

            var duties = isShared || one.Duties.Firing.Count == 0 ? one.Duties : new Duties([.. (FiringDuty[])one.Duties.Firing]);
            permitted[i] = new(one.Deployment, one.Endpoint, duties, snapshot.Version, one.Day, one.Preference);
        }

        var denied = new DeniedDeployment[decision.Denied.Count];
        for (var i = 0; i < denied.Length; i++)
        {
            denied[i] = new(decision.Denied[i].DeploymentId, ((DenialReason[])decision.Denied[i].Reasons).AsSpan().ToArray());
        }

        // While the lists are made, a list of lists is; then each is a list of the result.
        GC.KeepAlive(new DenialReason[denied.Length][]);
        return decision with
        {
            Classes = new(Copy(decision.Classes.Floor), Copy(decision.Classes.Declared), Copy(decision.Classes.Detected), Copy(decision.Classes.Final)),
            Subjects = Copy(decision.Subjects),
            Permitted = permitted,
            Denied = denied,
            OutsideRoute = Copy(decision.OutsideRoute),
        };
    }

    private static string[] Copy(IReadOnlyList<string> words) => words.Count == 0 ? [] : ((string[])words).AsSpan().ToArray();
}
