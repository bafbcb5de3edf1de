using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Resilience.Drifting;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Tests.Resilience.Drifting;

public class DeploymentDriftTests
{
    private const double Deadline = 10_000;
    private static readonly string[] Callers = ["a", "b", "c", "d"];

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _changes = [];
    private readonly DeploymentDrift _drift;
    private int _asked;

    public DeploymentDriftTests() => _drift = new DeploymentDrift(_time, (condition, why) => _changes.Add($"{condition}: {why}"));

    [Theory]
    [InlineData((int)Concern.Truncated, "truncated")]
    [InlineData((int)Concern.Empty, "empty")]
    [InlineData((int)Concern.Refusals, "refusals")]
    [InlineData((int)Concern.OtherModel, "other model")]
    [InlineData((int)Concern.Broken, "broken streams")]
    [InlineData((int)Concern.Errors, "errors")]
    public void BadAnswers_DemoteAndThenEject_AndGoodOnesBringItBack(int concern, string word)
    {
        Ask(200, (Concern)concern, 0);
        Assert.Empty(_changes);

        for (var i = 0; i < 240 && _drift.State.Kind is not ConditionKind.Ejected; i++)
        {
            Ask(1, (Concern)concern, 1);
        }

        Assert.Equal([$"Demoted: {word}", $"Ejected: {word}"], _changes);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new DriftState(ConditionKind.Probing, word), _drift.State);
        Ask(Condition.Trials, (Concern)concern, 0);
        Assert.Equal(new DriftState(ConditionKind.Healthy, ""), _drift.State);
    }

    [Fact]
    public void OneThatWasNeverGood_DoesNotBecomeUsual()
    {
        Ask(60, Concern.Empty, 1);

        Assert.Equal(new DriftState(ConditionKind.Ejected, "empty"), _drift.State);
    }

    /// <summary>Catalogue row 3: from half a second to twenty within ten minutes, a request a second.</summary>
    [Fact]
    public void CreepingTimeToFirstToken_EjectsBeforeOneInTwentyTimesOut()
    {
        for (var i = 0; i < 1_800; i++)
        {
            Step(TimeSpan.FromSeconds(1), new DriftSample(Concern.Errors, 0), First(500 + (i % 7 * 20)));
        }

        var (requests, timeouts) = (0, 0);
        while (_drift.State.Kind is not ConditionKind.Ejected && requests < 600)
        {
            var milliseconds = 500 + (19_500 * (requests / 600.0));
            timeouts += milliseconds > Deadline ? 1 : 0;
            Step(TimeSpan.FromSeconds(1), new DriftSample(Concern.Errors, milliseconds > Deadline ? 1 : 0), First(Math.Min(milliseconds, Deadline)));
            requests++;
        }

        Assert.Equal(ConditionKind.Ejected, _drift.State.Kind);
        Assert.Equal(["Demoted: slow", "Ejected: slow"], _changes);
        Assert.True(timeouts < requests * 0.05, $"{timeouts} of {requests} timed out");
    }

    /// <summary>Slower than the slow average notices: over five hours. The deadline bounds what can become usual.</summary>
    [Fact]
    public void SlownessThatNobodyNoticesGrowing_DemotesBeforeItTimesOut()
    {
        var milliseconds = 500.0;
        while (_drift.State.Kind is ConditionKind.Healthy && milliseconds < Deadline)
        {
            milliseconds += 9_500 / (5 * 3_600.0);
            Step(TimeSpan.FromSeconds(1), new DriftSample(Concern.Errors, 0), First(milliseconds));
        }

        Assert.Equal(["Demoted: slow"], _changes);
        Assert.InRange(milliseconds, 1_000, Deadline * 0.8);
    }

    /// <summary>Times that vary by a factor of three either way, and a bad answer now and then, change nothing.</summary>
    [Fact]
    public void Noise_ChangesNothing() => Gen.Int.Sample(seed =>
    {
        Random random = new(seed);
        FakeTimeProvider time = new();
        List<string> changes = [];
        DeploymentDrift drift = new(time, (condition, why) => changes.Add($"{condition}: {why}"));
        var asked = 0;
        for (var request = 0; request < 600; request++)
        {
            var (noise, luck, pause) = ((2 * random.NextDouble()) - 1, random.Next(100), random.Next(200, 4_000));
            time.Advance(TimeSpan.FromMilliseconds(pause));
            drift.Note(
                Callers[asked++ % Callers.Length], isAttempt: true,
                new DriftSample(Concern.Errors, luck < 1 ? 1 : 0), new DriftSample(Concern.FirstToken, 800 * Math.Pow(3, noise), 3_500));
            drift.Note(Callers[asked % Callers.Length], isAttempt: false, new DriftSample(Concern.Empty, luck == 50 ? 1 : 0), new DriftSample(Concern.Refusals, luck > 94 ? 1 : 0));
        }

        Assert.Empty(changes);
    }, iter: 200);

    [Fact]
    public void FewerSamplesThanTen_NeverDemote() =>
        Gen.Select(Gen.Enum<Concern>(), Gen.Double[0, 100_000]).Array[1, 9].Sample(samples =>
        {
            DeploymentDrift drift = new(new FakeTimeProvider(), static (_, _) => { });
            foreach (var (concern, value) in samples)
            {
                drift.Note("caller", isAttempt: true, new DriftSample(concern, value));
            }

            Assert.Equal(ConditionKind.Healthy, drift.State.Kind);
        });

    [Fact]
    public void OneCallersRefusals_DoNotDemote_WhileOthersGetAnswers()
    {
        for (var i = 0; i < 100; i++)
        {
            Step("loud", TimeSpan.FromSeconds(1), new DriftSample(Concern.Errors, 0), new DriftSample(Concern.Refusals, 1));
            Step(Callers[i % 4], TimeSpan.FromSeconds(1), new DriftSample(Concern.Errors, 0), new DriftSample(Concern.Refusals, 0));
        }

        Assert.Empty(_changes);
    }

    [Fact]
    public void WhatIsBad_DoesNotBecomeUsual_WhileItLasts_ButNotForEver()
    {
        Ask(1_800, Concern.Errors, 0, First(500));
        Ask(300, Concern.Errors, 0, First(1_250));
        Assert.Equal(new DriftState(ConditionKind.Demoted, "slow"), _drift.State);

        Ask(5_400, Concern.Errors, 0, First(1_250));

        Assert.Equal(ConditionKind.Healthy, _drift.State.Kind);
        Assert.Equal(2, _changes.Count);
    }

    [Fact]
    public void TimesOfProbes_DoNotBecomeUsual()
    {
        var probe = HealthBoard.CallerKey(new PolicyRequest { Day = default, Caller = Caller.ProbeApp });
        for (var i = 0; i < 100; i++)
        {
            Step(probe, TimeSpan.FromSeconds(30), new DriftSample(Concern.Errors, 0), First(50));
        }

        Assert.Null(_drift.Report().Single(static report => report.Concern is Concern.FirstToken).Usual);
        Ask(60, Concern.Errors, 0, First(2_000));
        Assert.Empty(_changes);
    }

    [Fact]
    public void EveryConcern_HasAWordAndLimitsInOrder() => Assert.All(Enum.GetValues<Concern>(), static concern =>
    {
        var limits = ConcernLimits.Of(concern);
        Assert.NotEmpty(limits.Word);
        Assert.True(limits.Demote < limits.Eject && limits.Least <= limits.Most);
        Assert.Equal(concern is Concern.FirstToken or Concern.Token or Concern.WholeToken, limits.IsTime);
    });

    private static DriftSample First(double milliseconds) => new(Concern.FirstToken, milliseconds, Deadline * 0.35);

    private void Ask(int times, Concern concern, double value, params DriftSample[] more)
    {
        for (var i = 0; i < times; i++)
        {
            DriftSample[] errors = concern is Concern.Errors ? [] : [new(Concern.Errors, 0)];
            Step(TimeSpan.FromSeconds(1), [.. errors, new(concern, value), .. more]);
        }
    }

    private void Step(TimeSpan pause, params DriftSample[] samples) => Step(Callers[_asked++ % Callers.Length], pause, samples);

    private void Step(string caller, TimeSpan pause, params DriftSample[] samples)
    {
        _time.Advance(pause);
        _drift.Note(caller, isAttempt: true, samples);
    }
}
