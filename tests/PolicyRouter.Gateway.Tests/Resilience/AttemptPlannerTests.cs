using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class AttemptPlannerTests
{
    private readonly IReadOnlyList<PermittedDeployment> _targets = ShippedPolicies.ClinicalTargets();
    private readonly HealthBoard _board = new(new FakeTimeProvider());

    [Fact]
    public void HealthyTargets_KeepTheOrderOfTheRoute()
    {
        var plan = new AttemptPlanner(_board).Plan(_targets, RouteOrder.Listed);

        Assert.Equal(_targets, plan.Targets);
        Assert.Equal("listed", plan.Reason);
    }

    [Fact]
    public async Task TargetWithAnOpenBreaker_ComesLast_AndThePlanSaysSo()
    {
        await OpenAsync(_targets[0]);

        var plan = new AttemptPlanner(_board).Plan(_targets, RouteOrder.Listed);

        Assert.Equal([.. _targets.Skip(1), _targets[0]], plan.Targets);
        Assert.Contains(_targets[0].Deployment.Id, plan.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AfterAFailure_TheTargetThatSharesFewestDomainsIsNext()
    {
        var planner = new AttemptPlanner(_board);

        var next = planner.Next([.. _targets.Skip(1)], [_targets[0]]);

        Assert.NotNull(next);
        var shared = next.Endpoint!.FailsWith.Intersect(_targets[0].Endpoint!.FailsWith);
        Assert.Empty(shared);
    }

    [Fact]
    public void NothingLeft_IsNoTarget() => Assert.Null(new AttemptPlanner(_board).Next([], [_targets[0]]));

    [Fact]
    public void Plans_HoldExactlyThePermittedSet_WhateverTheHealthAndTheOrder()
    {
        Gen.Select(Gen.Bool.Array[_targets.Count], Gen.Enum<RouteOrder>()).Sample((down, order) =>
        {
            HealthBoard board = new(new FakeTimeProvider());
            for (var i = 0; i < down.Length; i++)
            {
                if (down[i])
                {
                    OpenAsync(_targets[i], board).GetAwaiter().GetResult();
                }
            }

            var plan = new AttemptPlanner(board).Plan(_targets, order);

            Assert.Equal(_targets.Count, plan.Targets.Count);
            Assert.Equal(_targets.ToHashSet(), plan.Targets.ToHashSet());
        }, iter: 200);
    }

    private Task OpenAsync(PermittedDeployment target) => OpenAsync(target, _board);

    private static async Task OpenAsync(PermittedDeployment target, HealthBoard board)
    {
        for (var i = 0; i < 3; i++)
        {
            await board.Of(target.Deployment.Id).ReportAsync(new ProviderFailure(FailureKind.ConnectFailed));
        }
    }
}
