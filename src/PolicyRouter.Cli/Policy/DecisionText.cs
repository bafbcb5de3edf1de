using System.Globalization;
using System.Text;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Cli.Policy;

/// <summary>A decision in plain text: the permitted in order with their duties, then every reason against the others.</summary>
internal static class DecisionText
{
    public static string Print(Decision decision)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"On {decision.Request.Day:yyyy-MM-dd}, data of class {List(decision.Classes.Final)}");
        text.Append(CultureInfo.InvariantCulture, $", people in {List(decision.Subjects)}, purpose {decision.Request.Purpose ?? "not stated"}");
        text.Append(CultureInfo.InvariantCulture, $", features {List(decision.Request.Features)}.\n");
        text.Append(decision.IsPermitted ? "\nMay receive it, in this order:\n" : "\nNobody may receive it.\n");
        for (var i = 0; i < decision.Permitted.Count; i++)
        {
            var permitted = decision.Permitted[i];
            text.Append(CultureInfo.InvariantCulture, $"  {i + 1}. {permitted.Deployment.Id}{(permitted.Endpoint is null ? " (no endpoint)" : "")}\n");
            foreach (var duty in permitted.Duties.Firing)
            {
                text.Append(CultureInfo.InvariantCulture, $"       {duty.Rule}: {Duty(duty)}\n");
            }
        }

        if (decision.OutsideRoute.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nPermitted, but not offered by {decision.Request.Route}: {List(decision.OutsideRoute)}\n");
        }

        Append(text, "\nMay not receive it:\n", decision.Denied);
        Append(text, "\nWarnings:\n", decision.Warnings);
        Append(text, "\nSwitched off by the break-glass token:\n", decision.Overridden);
        foreach (var shadowed in decision.Shadow)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nOn trial, without effect: {shadowed.Rule} would have fired for {List(shadowed.Deployments)}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nPolicy {decision.PolicyVersion}").ToString();
    }

    private static void Append(StringBuilder text, string heading, IReadOnlyList<DeniedDeployment> deployments)
    {
        if (deployments.Count > 0)
        {
            text.Append(heading);
        }

        foreach (var deployment in deployments)
        {
            text.Append("  ").Append(deployment.DeploymentId).Append('\n');
            foreach (var reason in deployment.Reasons)
            {
                var citation = reason.Citation.Count == 0 ? "" : $" [{List(reason.Citation)}]";
                text.Append(CultureInfo.InvariantCulture, $"       {reason.Rule}: {reason.Reason}{citation}\n");
            }
        }
    }

    private static string Duty(FiringDuty duty) => string.Join(", ", new[]
    {
        duty.Redact is { } profile ? $"redact {profile}" : null,
        duty.Audit is { } level ? $"audit {level}" : null,
        duty.KeepYears is { } years ? $"keep {years} years" : null,
        duty.Approval is { } approver ? $"approval by {approver}" : null,
        duty.RetentionDays is { } days ? $"keep at most {days} days" : null,
    }.OfType<string>());

    private static string List(IReadOnlyCollection<string> words) => words.Count == 0 ? "not stated" : string.Join(", ", words);
}
