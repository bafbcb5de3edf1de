using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using PolicyRouter.Gateway.Resilience.Drifting;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>What operators learn as it happens: every transition as a log line and a count. Names of deployments, domains and providers, and fixed words.</summary>
internal sealed class HealthSignals : IDisposable
{
    public const string MeterName = "PolicyRouter.Resilience";

    private readonly Meter _meter;
    private readonly ILogger _logger;
    private readonly Counter<long> _breakers;
    private readonly Counter<long> _conditions;
    private readonly Counter<long> _ejections;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _probes;

    public HealthSignals(IMeterFactory meters, ILogger<HealthSignals> logger)
    {
        _logger = logger;
        _meter = meters.Create(MeterName);
        _breakers = _meter.CreateCounter<long>("policyrouter.breaker.transitions", "{transition}", "Breakers of deployments and failure domains that changed their state.");
        _conditions = _meter.CreateCounter<long>("policyrouter.condition.transitions", "{transition}", "Deployments whose answers got worse or better.");
        _ejections = _meter.CreateCounter<long>("policyrouter.ejections", "{ejection}", "Deployments put last because their answers got much worse.");
        _retries = _meter.CreateCounter<long>("policyrouter.retries", "{attempt}", "Second attempts at the same deployment, made or refused by the provider's retry budget.");
        _probes = _meter.CreateCounter<long>("policyrouter.probes", "{probe}", "Synthetic requests to idle or ejected deployments.");
    }

    /// <summary>Values that are read when somebody asks for them.</summary>
    public void Observe(Func<IEnumerable<Measurement<int>>> breakers, Func<IEnumerable<Measurement<long>>> retriesLeft)
    {
        _meter.CreateObservableGauge("policyrouter.breaker.state", breakers, "{state}", "0 closed, 1 half-open, 2 open.");
        _meter.CreateObservableGauge("policyrouter.retry_budget.remaining", retriesLeft, "{attempt}", "Second attempts that a provider's budget has left.");
    }

    public void BreakerChanged(string kind, string name, string state)
    {
        _breakers.Add(1, new TagList { { "kind", kind }, { "name", name }, { "state", state } });
        _logger.BreakerChanged(kind, name, state);
    }

    public void ConditionChanged(string deploymentId, ConditionKind condition, string why)
    {
        var word = condition.ToString().ToLowerInvariant();
        _conditions.Add(1, new TagList { { "deployment", deploymentId }, { "condition", word } });
        if (condition is ConditionKind.Ejected)
        {
            _ejections.Add(1, new TagList { { "deployment", deploymentId }, { "reason", why } });
        }

        _logger.ConditionChanged(deploymentId, word, why);
    }

    public void Retried(string provider, bool isAllowed) =>
        _retries.Add(1, new TagList { { "provider", provider }, { "outcome", isAllowed ? "made" : "over_budget" } });

    public void Probed(string deploymentId, string outcome)
    {
        _probes.Add(1, new TagList { { "deployment", deploymentId }, { "outcome", outcome } });
        _logger.Probed(deploymentId, outcome);
    }

    public void Dispose() => _meter.Dispose();
}

internal static partial class HealthLog
{
    [LoggerMessage(6101, LogLevel.Warning, "Breaker of {Kind} {Name}: {State}")]
    public static partial void BreakerChanged(this ILogger logger, string kind, string name, string state);

    [LoggerMessage(6102, LogLevel.Warning, "Deployment {Deployment} is now {Condition} ({Reason})")]
    public static partial void ConditionChanged(this ILogger logger, string deployment, string condition, string reason);

    [LoggerMessage(6103, LogLevel.Debug, "Probe of {Deployment}: {Outcome}")]
    public static partial void Probed(this ILogger logger, string deployment, string outcome);

    [LoggerMessage(6104, LogLevel.Error, "Probing failed: {ExceptionType}")]
    public static partial void ProbingFailed(this ILogger logger, string exceptionType);
}
