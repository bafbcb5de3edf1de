using System.CommandLine;
using PolicyRouter.Audit.Reading.Sums;

namespace PolicyRouter.Cli.Audit.Sums;

/// <summary><c>audit usage</c>: requests, tokens and cost by day.</summary>
internal static class AuditUsageCommand
{
    private static readonly SumColumn<UsageRow>[] Columns =
    [
        new("day", static row => row.Day),
        new("tenant", static row => row.Tenant),
        new("app", static row => row.App),
        new("route", static row => row.Route),
        new("deployment", static row => row.Deployment),
        new("requests", static row => row.Requests),
        new("completed", static row => row.Ended.GetValueOrDefault("completed")),
        new("failed", static row => row.Ended.GetValueOrDefault("failed")),
        new("cancelled", static row => row.Ended.GetValueOrDefault("cancelled")),
        new("incomplete", static row => row.Ended.GetValueOrDefault("incomplete")),
        new("handedOff", static row => row.Ended.GetValueOrDefault("handed-off")),
        new("notSent", static row => row.Ended.GetValueOrDefault("not-sent")),
        new("unknown", static row => row.Ended.GetValueOrDefault("unknown")),
        new("inputTokens", static row => row.InputTokens),
        new("outputTokens", static row => row.OutputTokens),
        new("estimatedInputTokens", static row => row.EstimatedInputTokens),
        new("estimatedOutputTokens", static row => row.EstimatedOutputTokens),
        new("costMicros", static row => row.CostMicros),
        new("currency", static row => row.Currency),
        new("unpriced", static row => row.Unpriced),
    ];

    internal static Command Create()
    {
        SumOptions common = new();
        Option<string> route = new("--route") { Description = "Requests for this route." };
        Option<string> deployment = new("--deployment") { Description = "Requests that this deployment answered." };
        var command = common.Create("usage", "Sums up how requests ended, their tokens and their cost, by day.", route, deployment);
        command.SetAction((parsed, cancellationToken) =>
        {
            UsageQuery query = new(parsed.GetValue(common.From), parsed.GetValue(common.To))
            {
                Tenant = parsed.GetValue(common.Tenant), App = parsed.GetValue(common.App), Route = parsed.GetValue(route), Deployment = parsed.GetValue(deployment),
            };
            return SumVerb.ShowAsync(
                parsed.GetValue(common.Database),
                FormattableString.Invariant($"audit usage from={query.From:O}&to={query.To:O}&tenant={query.Tenant}&app={query.App}&route={query.Route}&deployment={query.Deployment}"),
                common.FormatOf(parsed),
                Columns,
                (history, cursor) => history.UsageAsync(query with { Cursor = cursor }, cancellationToken),
                parsed.InvocationConfiguration,
                cancellationToken);
        });
        return command;
    }
}
