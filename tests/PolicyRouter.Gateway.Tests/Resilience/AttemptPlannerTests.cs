using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Resilience.Drifting;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class AttemptPlannerTests
{
    private static readonly TimeSpan Plenty = TimeSpan.FromMinutes(5);

    private readonly IReadOnlyList<PermittedDeployment> _targets = ShippedPolicies.ClinicalTargets();
    private readonly FakeTimeProvider _time = new();
    private readonly HealthBoard _board = Boards.New(new FakeTimeProvider());

    [Fact]
    public void HealthyTargets_KeepTheOrderOfTheRoute()
    {
        var plan = Boards.Planner(_board).Plan(_targets, RouteOrder.Listed, Plenty);

        Assert.Equal(_targets, plan.Targets);
        Assert.Equal("listed", plan.Reason);
    }

    [Fact]
    public async Task TargetWithAnOpenBreaker_ComesLast_AndThePlanSaysSo()
    {
        await OpenAsync(_targets[0]);

        var plan = Boards.Planner(_board).Plan(_targets, RouteOrder.Listed, Plenty);

        Assert.Equal([.. _targets.Skip(1), _targets[0]], plan.Targets);
        Assert.Contains(_targets[0].Deployment.Id, plan.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AfterAFailure_TheTargetThatSharesFewestDomainsIsNext()
    {
        var planner = Boards.Planner(_board);

        var next = planner.Next([.. _targets.Skip(1)], [_targets[0]], Plenty);

        Assert.NotNull(next);
        var shared = next.Endpoint!.FailsWith.Intersect(_targets[0].Endpoint!.FailsWith);
        Assert.Empty(shared);
    }

    [Fact]
    public void NothingLeft_IsNoTarget() => Assert.Null(Boards.Planner(_board).Next([], [_targets[0]], Plenty));

    [Fact]
    public void Plans_HoldExactlyThePermittedSet_WhateverTheHealthAndTheOrder()
    {
        Gen.Select(Gen.Bool.Array[_targets.Count], Gen.Enum<RouteOrder>()).Sample((down, order) =>
        {
            var board = Boards.New(new FakeTimeProvider());
            for (var i = 0; i < down.Length; i++)
            {
                if (down[i])
                {
                    OpenAsync(_targets[i], board).GetAwaiter().GetResult();
                }
            }

            var plan = Boards.Planner(board).Plan(_targets, order, Plenty);

            Assert.Equal(_targets.Count, plan.Targets.Count);
            Assert.Equal(_targets.ToHashSet(), plan.Targets.ToHashSet());
        }, iter: 200);
    }

    [Fact]
    public void DemotedTarget_KeepsItsPlaceForATenthOfTheRequests_AndThePlanSaysWhy()
    {
        var board = Boards.New(_time);
        Spoil(board, _targets[0], Concern.Empty, share: 0.3);
        var planner = Boards.Planner(board);

        var plans = Enumerable.Range(0, 2_000).Select(_ => planner.Plan(_targets, RouteOrder.Listed, Plenty)).ToList();

        var first = plans.Where(plan => plan.Targets[0] == _targets[0]).ToList();
        Assert.InRange(first.Count, 150, 250);
        Assert.All(first, plan => Assert.Equal($"listed; in place for a share of the requests: {_targets[0].Deployment.Id} (demoted: empty)", plan.Reason));
        Assert.All(plans.Except(first), plan =>
        {
            Assert.Equal([.. _targets.Skip(1), _targets[0]], plan.Targets);
            Assert.Equal($"listed; put back: {_targets[0].Deployment.Id} (demoted: empty)", plan.Reason);
        });
    }

    [Fact]
    public void EjectedTarget_IsLast_AndStillTriedWhenItIsTheOnlyOne()
    {
        var board = Boards.New(_time);
        Spoil(board, _targets[1], Concern.OtherModel, share: 1);

        var plan = Boards.Planner(board).Plan(_targets, RouteOrder.Listed, Plenty);
        var alone = Boards.Planner(board).Plan([_targets[1]], RouteOrder.Listed, Plenty);

        Assert.Same(_targets[1], plan.Targets[^1]);
        Assert.Contains("(ejected: other model)", plan.Reason, StringComparison.Ordinal);
        Assert.Same(_targets[1], Assert.Single(alone.Targets));
        Assert.True(board.MayTry(_targets[1]));
    }

    [Fact]
    public async Task TargetThatIsSlowerThanTheTimeLeft_IsPutBack()
    {
        var board = Boards.New(_time);
        _ = await board.AttemptAsync(
            _targets[0], "caller", isLastResort: false,
            _ =>
            {
                _time.Advance(TimeSpan.FromSeconds(8));
                return Task.FromResult<ProviderReply>(new ProviderReply.Whole(ReadOnlyMemory<byte>.Empty, new AnswerFacts()));
            },
            CancellationToken.None);
        var planner = Boards.Planner(board);

        var hurried = planner.Plan(_targets, RouteOrder.Listed, TimeSpan.FromSeconds(5));

        Assert.Same(_targets[0], planner.Plan(_targets, RouteOrder.Listed, Plenty).Targets[0]);
        Assert.Same(_targets[0], hurried.Targets[^1]);
        Assert.Contains("(slower than the time left)", hurried.Reason, StringComparison.Ordinal);
        Assert.NotSame(_targets[0], planner.Next(_targets, [], TimeSpan.FromSeconds(5)));
    }

    /// <summary>The answers of a while, of which a share is bad.</summary>
    private void Spoil(HealthBoard board, PermittedDeployment target, Concern concern, double share)
    {
        var drift = board.Of(target.Deployment.Id).Drift;
        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            drift.Note($"caller {i % 4}", isAttempt: true, new DriftSample(Concern.Errors, 0), new DriftSample(concern, i * share % 1 < share ? 1 : 0));
        }
    }

    private Task OpenAsync(PermittedDeployment target) => OpenAsync(target, _board);

    private static async Task OpenAsync(PermittedDeployment target, HealthBoard board)
    {
        for (var i = 0; i < 3; i++)
        {
            await board.Of(target.Deployment.Id).ReportAsync("caller", new ProviderFailure(FailureKind.ConnectFailed));
        }
    }
}
