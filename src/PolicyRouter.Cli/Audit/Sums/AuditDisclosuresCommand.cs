using System.CommandLine;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Cli.Policy;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Cli.Audit.Sums;

/// <summary><c>audit disclosures</c>: authorised sends by day, deployment and data class. Exit 3 when the policy folder cannot be loaded.</summary>
internal static class AuditDisclosuresCommand
{
    internal static Command Create()
    {
        SumOptions common = new();
        Option<string> dataClass = new("--class") { Description = "Sends with this data class." };
        Option<string> deployment = new("--deployment") { Description = "Sends to this deployment." };
        Option<string> provider = new("--provider") { Description = "Sends to deployments of this provider; needs --policies." };
        Option<string> policies = new("--policies") { Description = "A policy folder that says whose each deployment is: that of the time in question.", HelpName = "DIR" };
        var command = common.Create("disclosures", "Sums up which deployment was authorised to get which data classes, by day.", dataClass, deployment, provider, policies);
        command.Validators.Add(result =>
        {
            if (result.GetValue(provider) is not null && result.GetValue(policies) is null)
            {
                result.AddError("--provider needs --policies DIR: events name deployments, and the registry says whose they are.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var console = parsed.InvocationConfiguration;
            Dictionary<string, string> providers = [];
            if (parsed.GetValue(policies) is { } folder)
            {
                if (PolicyLoading.Load(folder) is not PolicyLoadResult.Loaded { Snapshot: var snapshot })
                {
                    await console.Error.WriteLineAsync($"{folder} is no policy folder that can be loaded; `policy check` says why.");
                    return ExitCodes.InputNotLoaded;
                }

                providers = snapshot.Deployments.ToDictionary(static one => one.Id, static one => one.Provider, StringComparer.Ordinal);
            }

            DisclosureQuery query = new(parsed.GetValue(common.From), parsed.GetValue(common.To))
            {
                Tenant = parsed.GetValue(common.Tenant),
                App = parsed.GetValue(common.App),
                Class = parsed.GetValue(dataClass),
                Deployments = Deployments(parsed.GetValue(deployment), parsed.GetValue(provider), providers),
            };
            return await SumVerb.ShowAsync(
                parsed.GetValue(common.Database),
                FormattableString.Invariant(
                    $"audit disclosures from={query.From:O}&to={query.To:O}&tenant={query.Tenant}&app={query.App}&class={query.Class}&deployment={parsed.GetValue(deployment)}&provider={parsed.GetValue(provider)}"),
                common.FormatOf(parsed),
                Columns(providers),
                (history, cursor) => history.DisclosuresAsync(query with { Cursor = cursor }, cancellationToken),
                console,
                cancellationToken);
        });
        return command;
    }

    private static string[]? Deployments(string? deployment, string? provider, Dictionary<string, string> providers) => (deployment, provider) switch
    {
        (null, null) => null,
        ({ } one, null) => [one],
        _ => [.. providers.Where(pair => pair.Value == provider && (deployment is null || pair.Key == deployment)).Select(static pair => pair.Key)],
    };

    private static SumColumn<DisclosureRow>[] Columns(Dictionary<string, string> providers) =>
    [
        new("day", static row => row.Day),
        new("tenant", static row => row.Tenant),
        new("app", static row => row.App),
        new("deployment", static row => row.Deployment),
        .. providers.Count > 0 ? [new SumColumn<DisclosureRow>("provider", row => providers.GetValueOrDefault(row.Deployment))] : Array.Empty<SumColumn<DisclosureRow>>(),
        new("class", static row => row.Class),
        new("sends", static row => row.Sends),
        new("firstAt", static row => row.FirstAt),
        new("lastAt", static row => row.LastAt),
    ];
}
