using System.Diagnostics;
using System.Globalization;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Tests.Proving;
using PolicyRouter.Policies.Tests.Reference;

namespace PolicyRouter.Benchmarks;

/// <summary>
/// The engine against the slow reference, in turn and in one run: full decisions with every deployment, reasons and duties included, on one thread.
/// </summary>
internal static class DecisionComparison
{
    private const int Questions = 2_048;

    // Large policies have as many classes and purposes as the language is meant for.
    private static readonly (int Rules, int Classes, int Purposes)[] Sizes = [(10, 3, 3), (100, 10, 6), (1_000, 12, 10)];
    private static readonly int[] Deployments = [10, 60];

    /// <param name="time">For one measurement.</param>
    /// <param name="rounds">Measurements of each contender; the median counts.</param>
    public static void Run(TimeSpan time, int rounds)
    {
        Console.WriteLine("| rules | deployments | us per decision | decisions/s | reasons | bytes per decision | reference, us | times faster |");
        Console.WriteLine("|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var (rules, classes, purposes) in Sizes)
        {
            foreach (var deployments in Deployments)
            {
                Compare(LargePolicy.Of(deployments, rules, classes, purposes), rules, deployments, time, rounds);
            }
        }
    }

    private static void Compare(PolicyModel model, int rules, int deployments, TimeSpan time, int rounds)
    {
        PolicySnapshot snapshot = new(model, "sha256:benchmark");
        ReferenceEvaluator reference = new(model);
        var requests = Requests(model);
        Measure(snapshot.Decide, requests, time);
        List<Measured> engine = [];
        List<Measured> slow = [];
        for (var round = 0; round < rounds; round++)
        {
            engine.Add(Measure(snapshot.Decide, requests, time));
            slow.Add(Measure(request => Judge(reference, snapshot, request), requests, time));
        }

        var reasons = requests.Average(request => snapshot.Decide(request).Denied.Sum(static denied => denied.Reasons.Count));
        var (fast, obvious) = (Median(engine), Median(slow));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {rules:N0} | {deployments} | {fast.Microseconds:0.00} | {1e6 / fast.Microseconds:N0} | {reasons:N0} | {fast.Bytes:N0} | {obvious.Microseconds:N0} | {obvious.Microseconds / fast.Microseconds:N0} |"));
    }

    private static object Judge(ReferenceEvaluator reference, PolicySnapshot snapshot, PolicyRequest request)
    {
        object verdict = request;
        foreach (var deployment in snapshot.Deployments)
        {
            verdict = reference.Judge(request, deployment);
        }

        return verdict;
    }

    private static Measured Measure(Func<PolicyRequest, object> decide, PolicyRequest[] requests, TimeSpan time)
    {
        var count = 0L;
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            // A slow contender need not answer every question in the time.
            for (var i = 0; i < 64; i++)
            {
                GC.KeepAlive(decide(requests[count++ % requests.Length]));
            }
        }

        return new(clock.Elapsed.TotalMicroseconds / count, (GC.GetAllocatedBytesForCurrentThread() - bytes) / count);
    }

    private static Measured Median(List<Measured> measured) => measured.OrderBy(static one => one.Microseconds).ElementAt(measured.Count / 2);

    /// <summary>One or two labels, one zone, a purpose, one or two features: what apps send.</summary>
    private static PolicyRequest[] Requests(PolicyModel model)
    {
        Random random = new(20261125);
        string[] labels = [.. model.Classes.Select(static c => c.Id)];
        return
        [
            .. Enumerable.Range(0, Questions).Select(_ => new PolicyRequest
            {
                Day = new(2026, 11, 25),
                DeclaredClasses = [.. random.GetItems(labels, 1 + random.Next(2)).Distinct()],
                Subjects = random.GetItems([.. model.Zones], 1),
                Purpose = random.GetItems([.. model.Purposes], 1)[0],
                Features = [.. random.GetItems(["chat", model.Features[1]], 1 + random.Next(2)).Distinct()],
                BusinessUnit = "clinic",
                Caller = "app",
            }),
        ];
    }

    private sealed record Measured(double Microseconds, long Bytes);
}
