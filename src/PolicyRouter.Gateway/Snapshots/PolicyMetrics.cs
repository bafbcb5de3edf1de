using System.Diagnostics.Metrics;

namespace PolicyRouter.Gateway.Snapshots;

/// <summary>The age of the policy in force as a metric.</summary>
internal sealed class PolicyMetrics : IDisposable
{
    public const string MeterName = "PolicyRouter.Policy";

    private readonly Meter _meter;

    public PolicyMetrics(IMeterFactory meters, PolicySource policies)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge(
            "policyrouter.policy.age",
            () => policies.Age is { } age ? [new Measurement<double>(age.TotalSeconds)] : Array.Empty<Measurement<double>>(),
            "s",
            "Time since the policy in force was last found to be what lies in its folder.");
    }

    public void Dispose() => _meter.Dispose();
}
