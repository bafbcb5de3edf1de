using System.Diagnostics.Metrics;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>How old the secrets in use are: more than five minutes means that their source is away. References, no values.</summary>
internal sealed class SecretMetrics : IDisposable
{
    public const string MeterName = "PolicyRouter.Secrets";

    private readonly Meter _meter;

    public SecretMetrics(IMeterFactory meters, SecretResolver secrets)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge(
            "policyrouter.secret.age",
            () => secrets.Ages.Select(static pair => new Measurement<double>(pair.Value.TotalSeconds, new KeyValuePair<string, object?>("reference", pair.Key))),
            "s",
            "Time since a secret was last read from its source.");
    }

    public void Dispose() => _meter.Dispose();
}
