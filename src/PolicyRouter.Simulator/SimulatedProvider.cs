using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Receiving;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator;

/// <summary>
/// One provider of the fleet, listening on its own loopback port. It checks what the real one checks, answers deterministically,
/// fails on command and remembers what it was sent. Faults concern POST requests; every member may be used while it serves.
/// </summary>
public sealed class SimulatedProvider
{
    private static readonly TimeSpan GenerousWait = TimeSpan.FromSeconds(30);

    private readonly ReceivedLog _log = new();
    private readonly FaultSchedule _faults;
    private readonly Func<long> _nextOrder;
    private volatile Func<Prompt, Answer>? _script;
    private long _requestCount;
    private int _underWay;

    internal SimulatedProvider(ProviderProfile profile, TimeProvider time, Func<long> nextOrder)
    {
        Profile = profile;
        Time = time;
        Format = WireFormat.For(profile);
        _nextOrder = nextOrder;
        _faults = new FaultSchedule(profile.Behaviour, (ulong)profile.Seed);
    }

    public string Name => Profile.Name;

    public ProviderWire Wire => Profile.Wire;

    public string Model => Profile.Model;

    /// <summary>The key it expects; null if it accepts everybody.</summary>
    public string? Credential => Profile.Credential;

    /// <summary>Scheme, loopback address and real port, without a path.</summary>
    public Uri BaseUrl { get; internal set; } = new("http://127.0.0.1:0");

    /// <summary>Keeps received requests; switch off for load tests, where memory must stay flat.</summary>
    public bool Recording { get; set; } = true;

    /// <summary>Requests received since the start, recorded or not.</summary>
    public long RequestCount => Interlocked.Read(ref _requestCount);

    /// <summary>What it has received so far, in order: a copy.</summary>
    public IReadOnlyList<ReceivedRequest> Received => _log.Snapshot();

    internal ProviderProfile Profile { get; }

    internal TimeProvider Time { get; }

    internal WireFormat Format { get; }

    internal ulong Seed => (ulong)Profile.Seed;

    /// <summary>
    /// Behaves like this from now on and forgets any script. <paramref name="share"/> below 1 hits only that share of the requests,
    /// drawn from the profile's seed.
    /// </summary>
    public void Behave(Fault fault, double share = 1)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        _faults.Behave(fault, share);
    }

    /// <summary>From now on each request meets the fault that this function, which must be thread-safe, chooses by its body; any script is forgotten.</summary>
    public void BehaveBy(Func<ReadOnlyMemory<byte>, Fault> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        _faults.BehaveBy(choose);
    }

    /// <summary>Healthy again, at once; a request that is already being held back stays so.</summary>
    public void Recover() => _faults.Behave(Fault.None, share: 1);

    /// <summary>The next requests meet these faults, one each, before the standing behaviour applies again.</summary>
    public void Next(params ReadOnlySpan<Fault> faults) => _faults.Next(faults);

    /// <summary>The next <paramref name="count"/> requests meet this fault.</summary>
    public void Next(int count, Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Fault[] faults = new Fault[count];
        Array.Fill(faults, fault);
        _faults.Next(faults);
    }

    /// <summary>Answers by this function, which must be thread-safe, instead of echoing; null goes back to the echo.</summary>
    public void AnswerWith(Func<Prompt, Answer>? answer) => _script = answer;

    /// <summary>Waits for a request, past or future, that is (or becomes) like this.</summary>
    /// <param name="timeout">Default: 30 seconds of real time.</param>
    /// <exception cref="TimeoutException">None came.</exception>
    public async Task<ReceivedRequest> WaitForAsync(
        Func<ReceivedRequest, bool> predicate,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var found = _log.WaitForAsync(requests => requests.FirstOrDefault(predicate), stop.Token);
        try
        {
            return await found.WaitAsync(timeout ?? GenerousWait, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    /// <summary>Forgets what was received once no request is under way, so that no straggler of one test shows up in the next.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken = default)
    {
        await _log.WaitForAsync(
            static requests => requests.All(request => request.Outcome is not RequestOutcome.Pending) ? requests : null,
            cancellationToken);
        _log.Clear();
    }

    /// <summary>POST requests that are being answered now.</summary>
    internal int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>An answer begins; disposing ends it.</summary>
    internal Visit Enter()
    {
        Interlocked.Increment(ref _underWay);
        return new Visit(this);
    }

    internal Fault TakeFault(ReadOnlyMemory<byte> body) => _faults.Take(body);

    internal Answer Compose(Prompt prompt) => _script is { } script ? script(prompt) : EchoAnswer.To(prompt, Seed);

    /// <summary>Counts the request and, if recording, keeps it; its number is unique within the provider.</summary>
    internal ReceivedRequest? Receive(HttpRequest request, ReadOnlyMemory<byte> body, out long number)
    {
        number = Interlocked.Increment(ref _requestCount);
        if (!Recording)
        {
            return null;
        }

        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in request.Headers)
        {
            headers[name] = value.ToString();
        }

        ReceivedRequest received = new(_nextOrder(), Name, Time.GetUtcNow(), _log.Changed)
        {
            Method = request.Method,
            Path = request.Path.ToString(),
            Query = request.QueryString.ToString(),
            Headers = headers,
            Body = body.ToArray(),
        };
        _log.Add(received);
        return received;
    }

    internal readonly struct Visit(SimulatedProvider provider) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref provider._underWay);
    }
}
