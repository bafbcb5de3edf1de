using System.Diagnostics.Metrics;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>Hand-offs by what became of them.</summary>
internal sealed class HandOffMetrics : IDisposable
{
    public const string MeterName = "PolicyRouter.HandOffs";

    private readonly Meter _meter;
    private readonly Counter<long> _ended;
    private readonly UpDownCounter<long> _pending;

    public HandOffMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _ended = _meter.CreateCounter<long>("policyrouter.hand_offs", "{request}", "Requests handed off to people, by outcome: delivered, dead_lettered, or refused for want of room.");
        _pending = _meter.CreateUpDownCounter<long>("policyrouter.hand_offs.pending", "{request}", "Requests handed off that have neither arrived nor been given up.");
    }

    public void Began() => _pending.Add(1);

    public void Delivered() => End("delivered");

    public void DeadLettered() => End("dead_lettered");

    public void Refused() => Count("refused");

    public void Dispose() => _meter.Dispose();

    private void End(string outcome)
    {
        _pending.Add(-1);
        Count(outcome);
    }

    private void Count(string outcome) => _ended.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
