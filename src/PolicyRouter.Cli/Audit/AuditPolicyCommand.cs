using System.CommandLine;
using System.Globalization;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Cli.Policy;

namespace PolicyRouter.Cli.Audit;

/// <summary><c>audit policy --at TIME</c>: which policy each gateway decided by then.</summary>
internal static class AuditPolicyCommand
{
    internal static Command Create()
    {
        Option<string> database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
        var at = TimeOption.Create("--at", "The time in question (UTC unless it has an offset).");
        at.Required = true;
        Option<bool> json = new("--json") { Description = "One JSON document." };
        Command command = new("policy", "Shows which policy was in force at a time, gateway by gateway.") { database, at, json };
        command.SetAction((parsed, cancellationToken) => AuditVerb.RunAsync(parsed.GetValue(database), parsed.InvocationConfiguration.Error, async opened =>
        {
            var time = parsed.GetValue(at)!.Value;
            await using var history = AuditHistory.Open(opened.ConnectionString);
            var found = await history.PoliciesAtAsync(time, cancellationToken);
            await CliReads.RecordAsync(
                opened, FormattableString.Invariant($"audit policy at={time:O}"), found.Count, TimeProvider.System, parsed.InvocationConfiguration.Error, cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? Json(found) : Plain(found));
            return ExitCodes.Good;
        }, cancellationToken));
        return command;
    }

    private static string Plain(IReadOnlyList<PolicyInForce> found) => found.Count == 0
        ? "No policy had come into force by then."
        : string.Join('\n', found.Select(static one => $"{one.Shard}: {one.PolicyVersion} since {Time(one.Since)} ({one.Node})"));

    private static string Json(IReadOnlyList<PolicyInForce> found) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("inForce");
        foreach (var one in found)
        {
            writer.WriteStartObject();
            writer.WriteString("shard", one.Shard);
            writer.WriteString("node", one.Node);
            writer.WriteString("policyVersion", one.PolicyVersion);
            writer.WriteString("since", Time(one.Since));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
