using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Admission;

/// <summary>The limits of the settings, as they apply to a caller, a priority or a deployment.</summary>
internal sealed class AdmissionLimits(LimitsSettings settings)
{
    private readonly AppLimits _defaults = new(settings.MaxInFlightPerApp, settings.RequestsPerMinutePerApp, settings.TokensPerMinutePerApp);

    /// <summary>Permits of the memory for bodies are KiB.</summary>
    public int BodyKilobytes { get; } = settings.MaxBodyMegabytesInFlight * 1_024;

    public int PerDeployment => settings.MaxInFlightPerDeployment;

    public AppLimits Of(string app) => settings.Apps.TryGetValue(app, out var own)
        ? new(own.MaxInFlight ?? _defaults.InFlight, own.RequestsPerMinute ?? _defaults.RequestsPerMinute, own.TokensPerMinute ?? _defaults.TokensPerMinute)
        : _defaults;

    /// <summary>Requests in flight that callers of this priority and below may have together.</summary>
    public int ShareOf(CallerPriority priority) => Math.Max(1, priority switch
    {
        CallerPriority.Low => settings.MaxInFlight / 2,
        CallerPriority.Normal => settings.MaxInFlight * 9 / 10,
        _ => settings.MaxInFlight,
    });

    /// <summary>What the body of a request may take; one whose length nobody announced, the most there is.</summary>
    public int KilobytesOf(long? contentLength) => (int)((Math.Min(contentLength ?? settings.MaxBodyBytes, settings.MaxBodyBytes) + 1_023) / 1_024);
}
