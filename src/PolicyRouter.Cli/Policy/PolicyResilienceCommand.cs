using System.CommandLine;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy resilience [DIR]</c>: per route and data class who may receive it, how many failure domains must fail together, and who is left
/// when one is lost. Exit 0 without single points of failure, 1 with.
/// </summary>
internal static class PolicyResilienceCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var json = PolicyLoading.JsonOption();
        var on = PolicyLoading.DayOption("--on", "The day, as 2026-12-31; today in the legal time zone unless given.");
        Command command = new("resilience", "Names the single points of failure of every route and data class.") { folder, on, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!, parsed.GetValue(on), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, DateOnly? on, bool json, TextWriter output, TextWriter error)
    {
        if (PolicyLoading.LoadOrReport(folder, error) is not { Snapshot: var snapshot })
        {
            return ExitCodes.InputNotLoaded;
        }

        var flows = PolicyResilience.Of(snapshot, on ?? snapshot.DayOf(TimeProvider.System.GetUtcNow()));
        if (json)
        {
            output.WriteLine(Json(flows));
        }
        else
        {
            Print(flows, output);
        }

        return flows.Any(static flow => flow.SinglePointsOfFailure.Count > 0) ? ExitCodes.AnswerIsNo : ExitCodes.Good;
    }

    private static void Print(IReadOnlyList<FlowResilience> flows, TextWriter output)
    {
        foreach (var route in flows.GroupBy(static flow => flow.Route))
        {
            output.WriteLine($"Route {route.Key}");
            foreach (var flow in route)
            {
                var label = flow.Label;
                if (flow.Permitted.Count == 0)
                {
                    output.WriteLine($"  {label}: nobody may receive it");
                    continue;
                }

                output.WriteLine($"  {label}: {string.Join(", ", flow.Permitted)}; {flow.IndependentDomains} {(flow.IndependentDomains == 1 ? "failure domain takes" : "or more failure domains take")} all down{(flow.HasOneRoute ? "; ONE ROUTE ONLY" : "")}");
                foreach (var lost in flow.LeftAfter.GroupBy(static left => string.Join(", ", left.Value), static left => left.Key))
                {
                    var domains = string.Join(", ", lost);
                    output.WriteLine(lost.Key.Length == 0 ? $"    SINGLE POINT OF FAILURE: {domains}" : $"    without {domains}: {lost.Key}");
                }
            }
        }

        output.WriteLine($"{flows.Count(static flow => flow.SinglePointsOfFailure.Count > 0)} of {flows.Count(static flow => flow.Permitted.Count > 0)} flows have a single point of failure.");
    }

    private static string Json(IReadOnlyList<FlowResilience> flows) => JsonText.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var flow in flows)
        {
            writer.WriteStartObject();
            writer.WriteString("route", flow.Route);
            writer.WriteString("class", flow.Label);
            JsonText.WriteList(writer, "classes", flow.Classes);
            writer.WriteString("purpose", flow.Purpose);
            JsonText.WriteList(writer, "permitted", flow.Permitted);
            writer.WriteNumber("independentDomains", flow.IndependentDomains);
            JsonText.WriteList(writer, "singlePointsOfFailure", flow.SinglePointsOfFailure);
            writer.WriteStartObject("leftAfter");
            foreach (var (domain, left) in flow.LeftAfter)
            {
                JsonText.WriteList(writer, domain, left);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
