using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Simulator;
using PolicyRouter.Testing;

namespace PolicyRouter.Benchmarks.Outages.Figures;

/// <summary>Every known outage over every contender, with the same requests.</summary>
internal static class OutageFigures
{
    private static readonly Contestant[] Contestants =
    [
        new("no failover", ChainOf(FallbackChain.NoFailover)),
        new("naive chain", ChainOf(FallbackChain.Naive)),
        new("same policy", ChainOf(FallbackChain.SamePolicy)),
        new("PolicyRouter", GatewayAsync),
    ];

    /// <param name="perSecond">Requests in a second of simulated time.</param>
    /// <param name="stretch">How long the phases are, in terms of their traces.</param>
    /// <param name="only">Part of a trace's name; empty for all.</param>
    public static async Task RunAsync(int perSecond, double stretch, string only)
    {
        using var pack = OutagePack.Create();
        Console.WriteLine("| outage | contender | requests | with a permitted live provider | of those answered, % | not answered | sends to forbidden destinations | sends per request | added, mean s | p99 s |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        List<(string Contender, OutageResult Result)> all = [];
        foreach (var trace in KnownOutages.All.Where(trace => trace.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            foreach (var contestant in Contestants)
            {
                var result = await ReplayAsync(contestant, trace.Stretched(stretch), pack, perSecond);
                all.Add((contestant.Name, result));
                Line(contestant == Contestants[0] ? trace.Name : "", contestant.Name, result);
                if (contestant == Contestants[^1])
                {
                    Explain(result);
                }
            }
        }

        Console.WriteLine();
        Console.WriteLine("| while a region is lost | not answered, % | of those with a permitted live provider, % | sends to forbidden destinations |");
        Console.WriteLine("|---|--:|--:|--:|");
        foreach (var contestant in Contestants)
        {
            var results = all.Where(one => one.Contender == contestant.Name).Select(static one => one.Result).ToList();
            RegionLoss(contestant.Name, results);
        }

        Console.WriteLine();
        Console.WriteLine("| all outages together | with a permitted live provider | of those answered, % | sends to forbidden destinations |");
        Console.WriteLine("|---|--:|--:|--:|");
        foreach (var contestant in Contestants.Where(_ => all.Count > 0))
        {
            var results = all.Where(one => one.Contender == contestant.Name).Select(static one => one.Result).ToList();
            var (answerable, missed) = (results.Sum(static result => result.Answerable.Count), results.Sum(static result => result.Missed.Count));
            Write($"| {contestant.Name} | {answerable:N0} | {Percent(answerable - missed, answerable)} | {results.Sum(static result => result.Forbidden):N0} |");
        }
    }

    private static async Task<OutageResult> ReplayAsync(Contestant contestant, OutageTrace trace, OutagePack pack, int perSecond)
    {
        FakeTimeProvider clock = new(OutagePack.Start);
        var (contender, fleet) = await contestant.StartAsync(pack, clock);
        await using (contender)
        {
            OutageStage stage = new(trace, pack, fleet, clock);
            var requests = await OutageReplay.RunAsync(trace, contender, stage, clock, perSecond);
            return fleet.UnexpectedErrors.Count == 0 ? new OutageResult(requests, pack) : throw new InvalidOperationException("The simulated providers failed.", fleet.UnexpectedErrors.First());
        }
    }

    private static Func<OutagePack, FakeTimeProvider, Task<(IOutageContender, SimulatedFleet)>> ChainOf(Func<OutagePack, SimulatedFleet, TimeProvider, FallbackChain> chain) =>
        async (pack, clock) =>
        {
            var profiles = SimulatedEndpoints.Of(pack.Folder).Select(static endpoint => new ProviderProfile(endpoint.Deployment, endpoint.Wire, endpoint.Model)).ToList();
            var fleet = await SimulatedFleet.StartAsync(profiles, clock);
            return (chain(pack, fleet, clock), fleet);
        };

    private static async Task<(IOutageContender, SimulatedFleet)> GatewayAsync(OutagePack pack, FakeTimeProvider clock)
    {
        var gateway = await GatewayContender.StartAsync(pack, await PostgresFixture.CreateDatabaseAsync(), clock);
        return (gateway, gateway.Fleet);
    }

    private static void Line(string trace, string contender, OutageResult result) => Write(
        $"| {trace} | {contender} | {result.Requests:N0} | {result.Answerable.Count:N0} | {Percent(result.Answerable.Count - result.Missed.Count, result.Answerable.Count)} | {result.Missed.Count:N0} | {result.Forbidden:N0} | {(double)result.Sends / result.Requests:0.00} | {result.MeanAdded.TotalSeconds:0.000} | {result.AddedAt(0.99).TotalSeconds:0.0} |");

    /// <summary>Whom the gateway did not answer although somebody permitted was live, on standard error.</summary>
    private static void Explain(OutageResult result)
    {
        foreach (var group in result.Missed.GroupBy(static request => (request.Kind.Route, request.End, request.Why)))
        {
            var first = group.First();
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {group.Count()} of {group.Key.Route}: {group.Key.End} {group.Key.Why}; at {string.Join(' ', group.Take(12).Select(static request => (request.Started - OutagePack.Start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)))} s; the first was sent to {string.Join(", ", first.Sends)}"));
        }
    }

    private static void RegionLoss(string contender, List<OutageResult> results)
    {
        var lost = results.SelectMany(static result => result.InRegionLoss).ToList();
        if (lost.Count == 0)
        {
            return;
        }

        var answerable = lost.Where(static request => request.HadPermittedLive).ToList();
        var forbidden = results.Where(static result => result.InRegionLoss.Count > 0).Sum(static result => result.Forbidden);
        Write($"| {contender} | {Percent(lost.Count(static request => request.End is not AnswerEnd.Answered), lost.Count)} | {Percent(answerable.Count(static request => request.End is not AnswerEnd.Answered), answerable.Count)} | {forbidden:N0} |");
    }

    private static string Percent(int part, int whole) => (100.0 * part / whole).ToString("0.00", CultureInfo.InvariantCulture);

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private sealed record Contestant(string Name, Func<OutagePack, FakeTimeProvider, Task<(IOutageContender Contender, SimulatedFleet Fleet)>> StartAsync);
}
