using System.Text.Json;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Printing;

/// <summary>A decision as JSON: the shape that the dry run, the control plane, <c>policy explain --json</c> and the record share.</summary>
public static class DecisionJson
{
    /// <summary>Writes one JSON object. <c>outsideRoute</c>, <c>warnings</c>, <c>overridden</c> and <c>shadow</c> appear only when they say something.</summary>
    public static void Write(Utf8JsonWriter writer, Decision decision)
    {
        writer.WriteStartObject();
        WriteProperties(writer, decision);
        writer.WriteEndObject();
    }

    /// <summary>The properties alone, for a caller that adds its own to the object.</summary>
    public static void WriteProperties(Utf8JsonWriter writer, Decision decision)
    {
        writer.WriteString("decision", decision.IsPermitted ? "permit" : "deny");
        writer.WriteString("policyVersion", decision.PolicyVersion);
        writer.WriteStartObject("classes");
        WriteList(writer, "floor", decision.Classes.Floor);
        WriteList(writer, "declared", decision.Classes.Declared);
        WriteList(writer, "detected", decision.Classes.Detected);
        WriteList(writer, "final", decision.Classes.Final);
        writer.WriteEndObject();
        WriteList(writer, "subjects", decision.Subjects);
        writer.WriteString("purpose", decision.Request.Purpose);
        WriteList(writer, "features", decision.Request.Features);
        writer.WriteString("route", decision.Request.Route);
        WriteList(writer, "permitted", decision.Permitted.Select(static permitted => permitted.Deployment.Id));
        WriteReasons(writer, "denied", decision.Denied);
        WriteDuties(writer, decision.Permitted);
        if (decision.OutsideRoute.Count > 0)
        {
            WriteList(writer, "outsideRoute", decision.OutsideRoute);
        }

        if (decision.Warnings.Count > 0)
        {
            WriteReasons(writer, "warnings", decision.Warnings);
        }

        if (decision.Overridden.Count > 0)
        {
            WriteReasons(writer, "overridden", decision.Overridden);
        }

        if (decision.Shadow.Count > 0)
        {
            writer.WriteStartObject("shadow");
            foreach (var shadowed in decision.Shadow)
            {
                WriteList(writer, shadowed.Rule, shadowed.Deployments);
            }

            writer.WriteEndObject();
        }
    }

    private static void WriteReasons(Utf8JsonWriter writer, string name, IReadOnlyList<DeniedDeployment> deployments)
    {
        writer.WriteStartObject(name);
        foreach (var deployment in deployments)
        {
            writer.WriteStartArray(deployment.DeploymentId);
            foreach (var reason in deployment.Reasons)
            {
                writer.WriteStartObject();
                writer.WriteString("rule", reason.Rule);
                WriteList(writer, "citation", reason.Citation);
                writer.WriteString("reason", reason.Reason);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteDuties(Utf8JsonWriter writer, IReadOnlyList<PermittedDeployment> permitted)
    {
        writer.WriteStartObject("duties");
        foreach (var deployment in permitted.Where(static p => p.Duties.Firing.Count > 0))
        {
            writer.WriteStartArray(deployment.Deployment.Id);
            foreach (var duty in deployment.Duties.Firing)
            {
                WriteDuty(writer, duty);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteDuty(Utf8JsonWriter writer, FiringDuty duty)
    {
        writer.WriteStartObject();
        writer.WriteString("rule", duty.Rule);
        if (duty.Redact is { } profile)
        {
            writer.WriteString("redact", profile);
        }

        if (duty.Audit is { } level)
        {
            writer.WriteString("audit", level);
        }

        if (duty.KeepYears is { } years)
        {
            writer.WriteNumber("keepYears", years);
        }

        if (duty.Approval is { } approver)
        {
            writer.WriteString("approval", approver);
        }

        if (duty.RetentionDays is { } days)
        {
            writer.WriteNumber("retentionDays", days);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> words)
    {
        writer.WriteStartArray(name);
        foreach (var word in words)
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
    }
}
