using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Testing;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class DomainHealthTests
{
    private static readonly PolicySnapshot Snapshot = ShippedPolicies.WithOneCloud();
    private static readonly ProviderReply Answered = new ProviderReply.Whole(ReadOnlyMemory<byte>.Empty, new AnswerFacts());

    private readonly FakeTimeProvider _time = new();
    private readonly HealthBoard _board;
    private readonly IReadOnlyList<PermittedDeployment> _targets = ShippedPolicies.ClinicalTargets(Snapshot);

    public DomainHealthTests() => _board = Boards.New(_time);

    private DomainHealth Cloud => _board.Domain(OneCloud.Domain);

    [Fact]
    public async Task FailuresOfTwoMembers_OpenTheDomain_AndTheThirdIsNotAsked()
    {
        await FailAsync(_targets[0], 503, times: 2);
        Assert.False(Cloud.IsOpen);
        await FailAsync(_targets[1], 503, times: 2);

        Assert.True(Cloud.IsOpen);
        var plan = Boards.Planner(_board).Plan(_targets, RouteOrder.Listed, TimeSpan.FromMinutes(5));
        Assert.Equal("local-llama", plan.Targets[0].Deployment.Id);
        Assert.Contains("azure-gpt4o-eastus (domain one-cloud open)", plan.Reason, StringComparison.Ordinal);
        Assert.False(plan.IsLastResort);
        Assert.Null(await AttemptAsync(_targets[2], Answered));
    }

    [Fact]
    public async Task FailuresOfOneMember_DoNotOpenTheDomain_WhileAnotherAnswers()
    {
        for (var i = 0; i < 30; i++)
        {
            _ = await AttemptAsync(_targets[1], Answered);
            _ = await AttemptAsync(_targets[0], Failed(new ProviderFailure(FailureKind.Status, 401)));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal("closed", Cloud.State);
    }

    [Fact]
    public async Task FailedTrialsOfThoseWithNowhereElseToGo_DoNotPostponeTheTrialOfTheOthers()
    {
        await FailAsync(_targets[0], 503, times: 2);
        await FailAsync(_targets[1], 503, times: 2);
        for (var i = 0; i < 49; i++)
        {
            _time.Advance(Breaks.BetweenTrials);
            Assert.True(Cloud.TryEnter(isLastResort: true, out var entry));
            Cloud.Leave(entry, _targets[2].Deployment.Id, DomainVerdict.Failed);
            Assert.False(Cloud.TryEnter(isLastResort: false, out _));
        }

        _time.Advance(Breaks.BetweenTrials);
        Assert.True(Cloud.TryEnter(isLastResort: false, out _));
    }

    /// <summary>A region of a cloud is down, and another one is well: the cloud is not what has failed.</summary>
    [Fact]
    public async Task FailuresOfTwoMembers_DoNotOpenTheDomain_WhileAThirdAnswers()
    {
        for (var i = 0; i < 30; i++)
        {
            await FailAsync(_targets[0], 503, times: 1);
            await FailAsync(_targets[1], 503, times: 1);
            _time.Advance(TimeSpan.FromMilliseconds(100));
            Assert.NotNull(await AttemptAsync(_targets[2], Answered));
        }

        Assert.Equal("closed", Cloud.State);
    }

    [Fact]
    public async Task AnswersOfAThirdMember_FromBeforeTheFailures_DoNotKeepTheDomainClosed()
    {
        Assert.NotNull(await AttemptAsync(_targets[2], Answered));
        _time.Advance(TimeSpan.FromSeconds(1));
        await FailAsync(_targets[0], 503, times: 2);
        await FailAsync(_targets[1], 503, times: 2);

        Assert.True(Cloud.IsOpen);
    }

    /// <summary>Who has nowhere else to go need not wait for another member that hangs; and when that one fails at last, it does not undo what was proved.</summary>
    [Fact]
    public async Task TrialThatHangs_DoesNotKeepTheLastResortOfAnotherMember_NorOpensTheDomainAgain()
    {
        await FailAsync(_targets[0], 503, times: 2);
        await FailAsync(_targets[1], 503, times: 2);
        _time.Advance(TimeSpan.FromSeconds(6));
        TaskCompletionSource<ProviderReply> hanging = new();
        var trial = _board.AttemptAsync(_targets[0], "caller", isLastResort: false, _ => hanging.Task, CancellationToken.None).AsTask();
        Assert.Equal("half-open", Cloud.State);

        Assert.NotNull(await _board.AttemptAsync(_targets[2], "caller", isLastResort: true, _ => Task.FromResult(Answered), CancellationToken.None));
        Assert.Equal("closed", Cloud.State);

        hanging.SetResult(Failed(new ProviderFailure(FailureKind.TotalTimeout)));
        _ = await trial;
        Assert.Equal("closed", Cloud.State);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(429)]
    public async Task WhatConcernsOneModel_NeverOpensTheDomain(int status)
    {
        foreach (var target in _targets)
        {
            foreach (var caller in (string[])["a", "b", "c", "d", "e", "f"])
            {
                _ = await _board.AttemptAsync(target, caller, isLastResort: false, _ => Task.FromResult<ProviderReply>(Failed(new ProviderFailure(FailureKind.Status, status))), CancellationToken.None);
            }
        }

        Assert.True(_board.Of(_targets[0].Deployment.Id).IsOpen);
        Assert.Equal("closed", Cloud.State);
    }

    [Fact]
    public async Task SurgeAtTheDoorOfOneMember_OpensTheDomain_IfNobodyOfItAnswers()
    {
        // All at once, before its own breaker has seen three.
        TaskCompletionSource<ProviderReply> refusal = new();
        var surge = Enumerable.Range(0, 12)
            .Select(_ => _board.AttemptAsync(_targets[0], "caller", isLastResort: false, _ => refusal.Task, CancellationToken.None).AsTask())
            .ToList();
        refusal.SetResult(Failed(new ProviderFailure(FailureKind.Status, 401)));
        await Task.WhenAll(surge);

        Assert.True(Cloud.IsOpen);
    }

    [Fact]
    public async Task AfterTheBreak_OneTrialOfOneMember_ClosesTheDomain_WhichStartsSlowly()
    {
        await FailAsync(_targets[0], 503, times: 2);
        await FailAsync(_targets[1], 503, times: 2);
        _time.Advance(TimeSpan.FromSeconds(6));
        TaskCompletionSource<ProviderReply> trial = new();
        var first = _board.AttemptAsync(_targets[2], "caller", isLastResort: false, _ => trial.Task, CancellationToken.None).AsTask();

        Assert.Equal("half-open", Cloud.State);
        Assert.Null(await AttemptAsync(_targets[0], Answered));
        trial.SetResult(Answered);

        Assert.NotNull(await first);
        Assert.Equal("closed", Cloud.State);
        var standing = _board.StandingOf(_targets[2]);
        Assert.Equal((Standing.Starting, "slow start"), (standing.Standing, standing.Why));
        Assert.InRange(standing.Share, 0.09, 0.2);
    }

    [Fact]
    public async Task TrialWhoseCallerLeaves_ProvesNothing_AndTheNextMayTry()
    {
        await FailAsync(_targets[0], 503, times: 2);
        await FailAsync(_targets[1], 503, times: 2);
        _time.Advance(TimeSpan.FromSeconds(6));

        await Assert.ThrowsAsync<OperationCanceledException>(() => _board.AttemptAsync(
            _targets[2], "caller", isLastResort: false, static _ => throw new OperationCanceledException(), CancellationToken.None).AsTask());

        Assert.Equal("open", Cloud.State);
        Assert.NotNull(await AttemptAsync(_targets[2], Answered));
        Assert.Equal("closed", Cloud.State);
    }

    [Fact]
    public async Task EverythingDown_LetsOnlyTheLongestAgoFailureTry()
    {
        foreach (var target in _targets)
        {
            await FailAsync(target, 503, times: 3);
            _time.Advance(TimeSpan.FromMilliseconds(700));
        }

        var plan = Boards.Planner(_board).Plan(_targets, RouteOrder.Listed, TimeSpan.FromMinutes(5));

        Assert.True(plan.IsLastResort);
        Assert.Equal(_targets.Select(_board.LastFailureOf).Min(), _board.LastFailureOf(plan.Targets[0]));
    }

    /// <summary>Whatever happens, a domain whose members answer again is closed again.</summary>
    [Fact]
    public void Domain_AlwaysRecovers() => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 8], Gen.Int[0, 9_000]).Array[0, 80].Sample(steps =>
    {
        FakeTimeProvider time = new();
        DomainHealth domain = new("domain", time, static (_, _) => { });
        foreach (var (member, what, pause) in steps)
        {
            time.Advance(TimeSpan.FromMilliseconds(pause));
            if (domain.TryEnter(isLastResort: what == 8, out var entry))
            {
                domain.Leave(entry, $"member-{member}", (DomainVerdict)(what % 4));
            }
        }

        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromMinutes(1.1));
            if (domain.TryEnter(isLastResort: false, out var entry))
            {
                domain.Leave(entry, "member-0", DomainVerdict.Answered);
            }
        }

        Assert.Equal("closed", domain.State);
    });

    private async Task FailAsync(PermittedDeployment target, int status, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _ = await AttemptAsync(target, Failed(new ProviderFailure(FailureKind.Status, status)));
        }
    }

    private ValueTask<Attempted?> AttemptAsync(PermittedDeployment target, ProviderReply reply) =>
        _board.AttemptAsync(target, "caller", isLastResort: false, _ => Task.FromResult(reply), CancellationToken.None);

    private static ProviderReply.Failed Failed(ProviderFailure failure) => new(failure);
}
