using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience.Drifting;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>
/// The health of every deployment, failure domain and provider this node has tried. State of the node, not of a snapshot: it outlives reloads. Every attempt
/// goes through it.
/// </summary>
internal sealed class HealthBoard
{
    private readonly ConcurrentDictionary<string, DeploymentHealth> _deployments = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DomainHealth> _domains = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RetryBudget> _budgets = new(StringComparer.Ordinal);
    private readonly KnownCallers _answered;
    private readonly TimeProvider _time;
    private readonly HealthSignals _signals;

    public HealthBoard(TimeProvider time, HealthSignals signals)
    {
        _time = time;
        _answered = new KnownCallers(time);
        _signals = signals;
        signals.Observe(
            () => [.. _deployments.Select(static pair => StateOf("deployment", pair.Key, pair.Value.State)), .. _domains.Select(static pair => StateOf("domain", pair.Key, pair.Value.State))],
            () => _budgets.Select(static pair => new Measurement<long>(pair.Value.Left, new KeyValuePair<string, object?>("provider", pair.Key))));
    }

    public DeploymentHealth Of(string deploymentId) =>
        _deployments.GetOrAdd(deploymentId, static (id, board) => new DeploymentHealth(id, board._time, board._signals), this);

    public DomainHealth Domain(string name) => _domains.GetOrAdd(
        name, static (id, board) => new DomainHealth(id, board._time, (domain, state) => board._signals.BreakerChanged("domain", domain, state)), this);

    public RetryBudget Budget(string provider) => _budgets.GetOrAdd(provider, static (_, time) => new RetryBudget(time), _time);

    /// <summary>Takes a second attempt at the same target out of its provider's budget; false when none is left.</summary>
    public bool TrySpendRetry(string provider)
    {
        var isAllowed = Budget(provider).TrySpend();
        _signals.Retried(provider, isAllowed);
        return isAllowed;
    }

    /// <summary>Where a target stands now.</summary>
    public TargetStanding StandingOf(PermittedDeployment target)
    {
        var health = Of(target.Deployment.Id);
        if (health.IsOpen)
        {
            return new(Standing.Down, "breaker open", Share: 0);
        }

        var share = health.SlowStart.Share;
        foreach (var name in DomainsOf(target))
        {
            var domain = Domain(name);
            if (domain.IsOpen)
            {
                return new(Standing.Down, $"domain {name} open", Share: 0);
            }

            share = Math.Min(share, domain.SlowStart.Share);
        }

        var (condition, why) = health.Drift.State;
        return condition switch
        {
            ConditionKind.Ejected => new(Standing.Ejected, $"ejected: {why}", Share: 0),

            // Where probes decide, no caller's request is a trial.
            ConditionKind.Probing => new(Standing.Ejected, $"on trial: {why}", health.IsProbed ? 0 : TargetStanding.TrialShare),
            ConditionKind.Demoted => new(Standing.Demoted, $"demoted: {why}", TargetStanding.TrialShare),
            _ when share < 1 => new(Standing.Starting, "slow start", share),
            _ => TargetStanding.Ready,
        };
    }

    /// <summary>False when an attempt would be refused now.</summary>
    public bool MayTry(PermittedDeployment target) => StandingOf(target).Standing is not Standing.Down;

    /// <summary>When the target failed last, or was last kept from answering by its domain; 0 for never.</summary>
    public long LastFailureOf(PermittedDeployment target) =>
        DomainsOf(target).Select(name => Domain(name).LastFailure).Append(Of(target.Deployment.Id).LastFailure).Max();

    /// <summary>How long until the target may be tried again; zero when it may.</summary>
    public TimeSpan UntilTrial(PermittedDeployment target) =>
        DomainsOf(target).Select(name => Domain(name).UntilTrial).Append(Of(target.Deployment.Id).UntilTrial).Max();

    /// <summary>Makes one attempt, if the breakers of the target and of its domains let it through.</summary>
    /// <param name="caller">Whose request it is: <see cref="CallerKey"/>.</param>
    /// <param name="isLastResort">Every permitted target is down, and this one failed longest ago: one trial is let through, whoever else asks is refused.</param>
    /// <returns>Null when it was refused and nothing was sent.</returns>
    public async ValueTask<Attempted?> AttemptAsync(
        PermittedDeployment target, string caller, bool isLastResort, Func<CancellationToken, Task<ProviderReply>> send, CancellationToken cancellationToken)
    {
        List<(DomainHealth Domain, DomainEntry Entry)> entered = [];
        var verdict = DomainVerdict.None;
        try
        {
            foreach (var name in DomainsOf(target))
            {
                var domain = Domain(name);
                if (!domain.TryEnter(isLastResort, out var entry))
                {
                    return null;
                }

                entered.Add((domain, entry));
            }

            var health = Of(target.Deployment.Id);
            var started = _time.GetTimestamp();
            var attempted = await health.AttemptAsync(caller, isLastResort, send, cancellationToken);
            if (attempted is not null)
            {
                verdict = OutageSignals.OfDomain(attempted.Reply);
                if (attempted.Reply is not ProviderReply.Failed)
                {
                    _answered.Note(caller);
                }

                if (attempted.CountsAgainst || attempted.Reply is not ProviderReply.Failed)
                {
                    health.Drift.Note(caller, isAttempt: true, AnswerSamples.OfAttempt(attempted, _time.GetElapsedTime(started), TimeoutsOf(target)));
                }
            }

            return attempted;
        }
        finally
        {
            foreach (var (domain, entry) in entered)
            {
                domain.Leave(entry, target.Deployment.Id, verdict);
            }
        }
    }

    /// <summary>A failure that came to light after its attempt had been counted: a stream that broke.</summary>
    public async ValueTask ReportAsync(PermittedDeployment target, string caller, ProviderFailure failure)
    {
        var health = Of(target.Deployment.Id);
        await health.ReportAsync(caller, failure);
        health.Drift.Note(caller, isAttempt: false, new DriftSample(Concern.Broken, 1));
        foreach (var name in DomainsOf(target))
        {
            Domain(name).Note(target.Deployment.Id, OutageSignals.OfDomain(new ProviderReply.Failed(failure)));
        }
    }

    /// <summary>True for a caller who has been answered lately, by whomever: it knows how to ask, and a request of its that is called invalid is worth a second opinion.</summary>
    public bool KnowsHowToAsk(string caller) => _answered.Contains(caller);

    /// <summary>Another target answered what this one had called invalid.</summary>
    public ValueTask OverruledAsync(PermittedDeployment target, string caller, ProviderFailure failure) => Of(target.Deployment.Id).OverruledAsync(caller, failure);

    /// <summary>What an answer that has ended says about its deployment.</summary>
    /// <param name="longestAnswer">Tokens the caller asked for at most; null when it did not say.</param>
    public void NoteAnswer(PermittedDeployment target, string caller, AnswerFacts facts, int? longestAnswer, bool isOtherModel)
    {
        if (AnswerSamples.OfAnswer(facts, longestAnswer, isOtherModel, TimeoutsOf(target)) is { Length: > 0 } samples)
        {
            Of(target.Deployment.Id).Drift.Note(caller, isAttempt: false, samples);
        }
    }

    /// <summary>A caller's name for telling callers apart: an app of a tenant.</summary>
    public static string CallerKey(PolicyRequest request) => $"{request.Tenant}\n{request.Caller}";

    public static IReadOnlyList<string> DomainsOf(PermittedDeployment target) => target.Endpoint?.FailsWith ?? [];

    private static EndpointTimeouts TimeoutsOf(PermittedDeployment target) => target.Endpoint?.Timeouts ?? EndpointTimeouts.Default;

    private static Measurement<int> StateOf(string kind, string name, string state) => new(
        state switch { "closed" => 0, "half-open" => 1, _ => 2 },
        new KeyValuePair<string, object?>("kind", kind),
        new KeyValuePair<string, object?>("name", name));
}
