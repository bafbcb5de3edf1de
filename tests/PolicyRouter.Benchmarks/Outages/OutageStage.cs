using System.Collections.Concurrent;
using System.Text;
using PolicyRouter.Simulator;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>
/// The providers of a replay while its outage passes over them. A request's fate at a provider follows from the trace, the time and the two names alone, so that what
/// would have been is known, too. Keeps the account of who received what. Thread-safe.
/// </summary>
internal sealed class OutageStage
{
    /// <summary>As <c>endpoints.yaml</c> has them: the first word of a stream, and the whole of any other answer.</summary>
    public static readonly TimeSpan FirstToken = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="FirstToken"/>
    public static readonly TimeSpan Total = TimeSpan.FromSeconds(60);

    private readonly OutageTrace _trace;
    private readonly TimeProvider _clock;
    private readonly DateTimeOffset _start;
    private readonly Dictionary<string, IReadOnlySet<string>> _names;
    private readonly Dictionary<RequestKind, IReadOnlyList<string>> _permitted;
    private readonly ConcurrentDictionary<int, ReplayedRequest> _requests = new();

    public OutageStage(OutageTrace trace, OutagePack pack, SimulatedFleet fleet, TimeProvider clock)
    {
        _trace = trace;
        _clock = clock;
        _start = clock.GetUtcNow();
        _names = pack.Deployments.ToDictionary(static deployment => deployment, pack.NamesOf, StringComparer.Ordinal);
        _permitted = RequestKind.All.ToDictionary(static kind => kind, pack.Permitted);
        foreach (var provider in fleet.Providers)
        {
            provider.Recording = false;
            provider.BehaveBy(body => Receive(provider.Name, body));
        }
    }

    /// <summary>A request comes up.</summary>
    public ReplayedRequest Open(int number)
    {
        var now = _clock.GetUtcNow();
        ReplayedRequest drawn = new(number, now) { Phase = _trace.At(now - _start) };
        ReplayedRequest request = new(number, now)
        {
            Phase = drawn.Phase,
            HadPermittedLive = _permitted[drawn.Kind].Any(deployment => FateOf(deployment, drawn) == Fault.None),
        };
        _requests[number] = request;
        return request;
    }

    private Fault Receive(string deployment, ReadOnlyMemory<byte> body)
    {
        var request = _requests[ReplayedRequest.NumberIn(Encoding.UTF8.GetString(body.Span))];
        var fate = FateOf(deployment, request);
        lock (request)
        {
            request.Sends.Add(deployment);
            if (fate == Fault.Hang)
            {
                request.Hold(_clock.GetUtcNow() + (request.IsStreaming ? FirstToken : Total));
            }
        }

        return fate;
    }

    private Fault FateOf(string deployment, ReplayedRequest request)
    {
        var ailments = _trace.At(_clock.GetUtcNow() - _start).Ailments;
        for (var at = 0; at < ailments.Count; at++)
        {
            var ailment = ailments[at];
            if (_names[deployment].Contains(ailment.Where) && Draw($"{_trace.Name}|{deployment}|{at}|{(ailment.IsSticky ? request.App : request.Marker)}") < ailment.Share)
            {
                return ailment.Fault;
            }
        }

        return Fault.None;
    }

    /// <summary>From 0 to 1, the same for the same text on every machine (FNV-1a, mixed as in SplitMix64).</summary>
    private static double Draw(string text)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var letter in text)
        {
            hash = unchecked((hash ^ letter) * 1_099_511_628_211UL);
        }

        hash = unchecked((hash ^ (hash >> 30)) * 0xBF58_476D_1CE4_E5B9UL);
        hash = unchecked((hash ^ (hash >> 27)) * 0x94D0_49BB_1331_11EBUL);
        return ((hash ^ (hash >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
