using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Resilience.Drifting;

namespace PolicyRouter.Gateway.Tests.Resilience.Drifting;

public class ConditionTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Condition _condition;

    public ConditionTests() => _condition = new Condition(_time);

    [Fact]
    public void WorseAnswers_DemoteFirst_ThenEject_ThenATrialDecides()
    {
        Judge(1.2);
        Assert.Equal(ConditionKind.Demoted, _condition.Kind);
        Judge(2.1);
        Assert.Equal(ConditionKind.Ejected, _condition.Kind);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(_condition.Tick());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_condition.Tick());
        Assert.Equal(ConditionKind.Probing, _condition.Kind);
        for (var trial = 0; trial < Condition.Trials; trial++)
        {
            Assert.Equal(ConditionKind.Probing, _condition.Kind);
            Judge(0);
        }

        Assert.Equal(ConditionKind.Healthy, _condition.Kind);
    }

    [Fact]
    public void FailedTrials_LengthenTheEjection_UpToTenMinutes()
    {
        Judge(1);
        Judge(2);
        List<double> minutes = [];
        for (var trial = 0; trial < 6; trial++)
        {
            minutes.Add(_condition.Ejection.TotalMinutes);
            _time.Advance(_condition.Ejection);
            Assert.True(_condition.Tick());
            for (var i = 0; i < Condition.Trials; i++)
            {
                Judge(1.5);
            }
        }

        Assert.Equal([1, 2, 4, 8, 10, 10], minutes);
    }

    /// <summary>What wavers around the threshold that demotes does not bring a demoted one back, and nothing changes faster than its time.</summary>
    [Fact]
    public void Wavering_DoesNotFlap() => Gen.Select(Gen.Double[0.65, 1.9], Gen.Int[1, 30]).Array[1, 200].Sample(steps =>
    {
        FakeTimeProvider time = new();
        Condition condition = new(time);
        var changes = 0;
        foreach (var (severity, pause) in steps)
        {
            time.Advance(TimeSpan.FromSeconds(pause));
            changes += condition.Tick() ? 1 : 0;
            changes += condition.Judge(severity, severity, isEnoughToRecover: true, isAttempt: true) ? 1 : 0;
        }

        Assert.InRange(changes, 0, 1);
        Assert.NotEqual(ConditionKind.Ejected, condition.Kind);
    });

    [Fact]
    public void WithoutEnoughSamples_NothingGetsWorse() => Gen.Double[0, 50].Array[1, 100].Sample(severities =>
    {
        Condition condition = new(new FakeTimeProvider());
        foreach (var severity in severities)
        {
            condition.Judge(certain: 0, any: severity, isEnoughToRecover: false, isAttempt: true);
        }

        Assert.Equal(ConditionKind.Healthy, condition.Kind);
    });

    /// <summary>From wherever it is, good answers make it healthy within a bounded time.</summary>
    [Fact]
    public void GoodAnswers_AlwaysMakeItHealthy() => Gen.Select(Gen.Double[0, 3], Gen.Int[0, 200], Gen.Bool).Array[0, 200].Sample(steps =>
    {
        FakeTimeProvider time = new();
        Condition condition = new(time);
        foreach (var (severity, pause, isEnough) in steps)
        {
            time.Advance(TimeSpan.FromSeconds(pause));
            condition.Tick();
            condition.Judge(isEnough ? severity : 0, severity, isEnough, isAttempt: true);
        }

        // The longest ejection, and then a trial.
        for (var i = 0; i < 60; i++)
        {
            time.Advance(TimeSpan.FromSeconds(20));
            condition.Tick();
            condition.Judge(0, 0, isEnoughToRecover: true, isAttempt: true);
        }

        Assert.Equal(ConditionKind.Healthy, condition.Kind);
    });

    [Fact]
    public void DemotedOneThatNobodyAsks_GetsATrialAfterTenMinutes()
    {
        Judge(1);
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.True(_condition.Tick());
        Assert.Equal(ConditionKind.Probing, _condition.Kind);
    }

    private void Judge(double severity) => _condition.Judge(severity, severity, isEnoughToRecover: true, isAttempt: true);
}
