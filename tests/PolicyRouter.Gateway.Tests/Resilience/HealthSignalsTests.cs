using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Resilience.Drifting;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class HealthSignalsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task EveryTransition_IsCounted_WithNamesAndFixedWordsOnly()
    {
        using var signals = Boards.Signals();
        HealthBoard board = new(_time, signals);
        ConcurrentQueue<string> counted = new();
        using var listener = Listen(counted);
        var target = ShippedPolicies.ClinicalTargets()[0];

        for (var i = 0; i < 3; i++)
        {
            await board.ReportAsync(target, "caller", new ProviderFailure(FailureKind.Cut));
        }

        for (var i = 0; i < 40; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            board.Of(target.Deployment.Id).Drift.Note($"caller {i % 3}", isAttempt: true, new DriftSample(Concern.Errors, 0), new DriftSample(Concern.Empty, 1));
        }

        Assert.True(board.TrySpendRetry("anthropic"));
        signals.Probed(target.Deployment.Id, "answered");

        Assert.Contains("policyrouter.breaker.transitions kind=deployment name=claude-anthropic state=open", counted);
        Assert.Contains("policyrouter.condition.transitions condition=demoted deployment=claude-anthropic", counted);
        Assert.Contains("policyrouter.ejections deployment=claude-anthropic reason=empty", counted);
        Assert.Contains("policyrouter.retries outcome=made provider=anthropic", counted);
        Assert.Contains("policyrouter.probes deployment=claude-anthropic outcome=answered", counted);
        counted.Clear();
        listener.RecordObservableInstruments();
        Assert.Contains("policyrouter.breaker.state kind=deployment name=claude-anthropic: 2", counted);
        Assert.Contains("policyrouter.breaker.state kind=domain name=lab/anthropic: 0", counted);
        Assert.Contains("policyrouter.retry_budget.remaining provider=anthropic: 2", counted);
    }

    [Fact]
    public async Task Report_ShowsBreakerDomainsConditionAveragesAndBudgets()
    {
        var board = Boards.New(_time);
        var snapshot = ShippedPolicies.Snapshot;
        var target = ShippedPolicies.ClinicalTargets()[0];
        for (var i = 0; i < 3; i++)
        {
            await board.ReportAsync(target, "caller", new ProviderFailure(FailureKind.Cut));
        }

        var json = JsonSerializer.SerializeToElement(DeploymentHealthReports.Of(board)(target.Deployment, snapshot.Endpoints[target.Deployment.Id]));

        Assert.Equal("open", json.GetProperty("breaker").GetString());
        Assert.Equal("closed", json.GetProperty("domains").GetProperty("anthropic/api").GetString());
        Assert.Equal("healthy", json.GetProperty("condition").GetString());
        Assert.Equal(1, json.GetProperty("averages").GetProperty("brokenStreams").GetProperty("now").GetDouble());
        Assert.Equal(3, json.GetProperty("retriesLeft").GetInt64());
        Assert.Equal(1, json.GetProperty("slowStartShare").GetDouble());
    }

    /// <summary>Of every board's meter there is; what a test looks for names what only it did.</summary>
    private static MeterListener Listen(ConcurrentQueue<string> counted)
    {
        MeterListener listener = new()
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == HealthSignals.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            List<string> words = [];
            foreach (var (name, tag) in tags)
            {
                words.Add($"{name}={tag}");
            }

            words.Sort(StringComparer.Ordinal);
            counted.Enqueue($"{instrument.Name} {string.Join(' ', words)}{(instrument.IsObservable ? $": {value}" : "")}");
        }
    }
}
