using System.Diagnostics.Metrics;
using PolicyRouter.Gateway.Callers;

namespace PolicyRouter.Gateway.Admission;

/// <summary>What is in flight, and what was not let in.</summary>
internal sealed class AdmissionMetrics : IDisposable
{
    public const string MeterName = "PolicyRouter.Admission";

    private readonly Meter _meter;
    private readonly UpDownCounter<long> _inFlight;
    private readonly UpDownCounter<long> _attempts;
    private readonly Counter<long> _shed;
    private readonly Counter<long> _limited;
    private readonly Counter<long> _full;

    public AdmissionMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _inFlight = _meter.CreateUpDownCounter<long>("policyrouter.requests.in_flight", "{request}", "Requests to the data plane that have come in and not ended, by priority.");
        _attempts = _meter.CreateUpDownCounter<long>("policyrouter.deployment.in_flight", "{attempt}", "Attempts that have begun and not ended, by deployment.");
        _shed = _meter.CreateCounter<long>("policyrouter.requests.shed", "{request}", "Requests refused because the gateway was full, by priority and by what was full: in_flight or bodies.");
        _limited = _meter.CreateCounter<long>("policyrouter.requests.rate_limited", "{request}", "Requests refused by a limit of their app: in_flight, requests or tokens.");
        _full = _meter.CreateCounter<long>("policyrouter.deployment.full", "{attempt}", "Attempts that were not made because their deployment had as many as it may have, by deployment.");
    }

    /// <param name="change">1 or -1.</param>
    public void Entered(CallerPriority priority, int change) => _inFlight.Add(change, Priority(priority));

    /// <param name="change">1 or -1.</param>
    public void Attempting(string deployment, int change) => _attempts.Add(change, new KeyValuePair<string, object?>("deployment", deployment));

    public void Shed(CallerPriority priority, string reason) => _shed.Add(1, Priority(priority), new KeyValuePair<string, object?>("reason", reason));

    public void Limited(string kind) => _limited.Add(1, new KeyValuePair<string, object?>("limit", kind));

    public void Full(string deployment) => _full.Add(1, new KeyValuePair<string, object?>("deployment", deployment));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Priority(CallerPriority priority) => new("priority", priority switch
    {
        CallerPriority.Low => "low",
        CallerPriority.High => "high",
        _ => "normal",
    });
}
