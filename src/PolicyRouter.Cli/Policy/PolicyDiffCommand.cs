using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy diff OLD NEW</c>: every change in decisions, grouped, with exact counts, and what else is written differently. Exit 0 when nothing became
/// looser, 1 when something did or the comparison was too large, 3 when a folder does not load.
/// </summary>
internal static class PolicyDiffCommand
{
    internal static Command Create()
    {
        Argument<string> before = new("OLD") { Description = "The policy folder in force." };
        Argument<string> after = new("NEW") { Description = "The policy folder proposed." };
        var json = PolicyLoading.JsonOption();
        Command command = new("diff", "Tells exactly which decisions differ between two policy folders.") { before, after, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(before)!, parsed.GetValue(after)!, parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string before, string after, bool json, TextWriter output, TextWriter error)
    {
        if (PolicyLoading.LoadOrReport(before, error) is not { Snapshot: var old } || PolicyLoading.LoadOrReport(after, error) is not { Snapshot: var now })
        {
            return ExitCodes.InputNotLoaded;
        }

        var difference = PolicyComparison.Compare(old, now, now.DayOf(TimeProvider.System.GetUtcNow()));
        if (json)
        {
            output.WriteLine(JsonText.Write(writer => Write(writer, difference)));
        }
        else
        {
            Print(difference, output);
        }

        return difference.Loosens ? ExitCodes.AnswerIsNo : ExitCodes.Good;
    }

    private static void Print(PolicyDifference difference, TextWriter output)
    {
        foreach (var change in difference.Changes)
        {
            output.WriteLine($"{Name(change.Kind)}: {change.Deployment}, {Number(change.States)} states");
            output.WriteLine($"  classes {string.Join(", ", change.Classes)}; purposes {string.Join(", ", change.Purposes)}; people in {string.Join(", ", change.Zones)}; days {string.Join(", ", change.Days)}{Tenants(change)}");
            output.WriteLine($"  {change.Story}");
        }

        foreach (var route in difference.Routes)
        {
            output.WriteLine(route);
        }

        foreach (var change in difference.Written)
        {
            output.WriteLine($"{(change.Loosens ? "loosened" : "changed")}: {change.Text}");
        }

        output.WriteLine(difference switch
        {
            { TooLarge: { } dimension } => $"Not compared: too large ({dimension}).",
            { IsNone: true } => $"The two policies decide the same: proved over {Number(difference.States)} states.",
            { Loosens: true } when !difference.Changes.Any(static change => change.Kind is ChangeKind.NewlyAllowed or ChangeKind.NewlyAllowedWithOverride) =>
                "Nothing became allowed, but something protects less: this change needs two owners, one of them the privacy office.",
            { Loosens: true } => "Something became allowed: this change needs two owners, one of them the privacy office.",
            _ => "Nothing became allowed: this change needs one owner.",
        });
    }

    private static void Write(Utf8JsonWriter writer, PolicyDifference difference)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("same", difference.IsNone);
        writer.WriteBoolean("loosens", difference.Loosens);
        writer.WriteString("tooLarge", difference.TooLarge);
        writer.WritePropertyName("states");
        writer.WriteRawValue(difference.States.ToString(CultureInfo.InvariantCulture));
        writer.WriteStartArray("changes");
        foreach (var change in difference.Changes)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", Name(change.Kind));
            writer.WriteString("deployment", change.Deployment);
            writer.WritePropertyName("states");
            writer.WriteRawValue(change.States.ToString(CultureInfo.InvariantCulture));
            JsonText.WriteList(writer, "classes", change.Classes);
            JsonText.WriteList(writer, "purposes", change.Purposes);
            JsonText.WriteList(writer, "zones", change.Zones);
            JsonText.WriteList(writer, "days", change.Days);
            JsonText.WriteList(writer, "tenants", change.Tenants);
            writer.WriteBoolean("loosens", change.Loosens);
            writer.WriteString("story", change.Story);
            writer.WriteString("testCase", change.TestCase);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        JsonText.WriteList(writer, "routes", difference.Routes);
        writer.WriteStartArray("written");
        foreach (var change in difference.Written)
        {
            writer.WriteStartObject();
            writer.WriteString("text", change.Text);
            writer.WriteBoolean("loosens", change.Loosens);
            writer.WriteString("tenant", change.Tenant);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Nothing for what concerns requests without a tenant alone, as everything does where there are no tenants.</summary>
    private static string Tenants(PolicyChange change) => change.Tenants is [""] ? "" : $"; tenants {string.Join(", ", change.Tenants.Select(static name => name.Length == 0 ? "none" : name))}";

    private static string Name(ChangeKind kind) => kind switch
    {
        ChangeKind.NewlyAllowed => "newly allowed",
        ChangeKind.NewlyAllowedWithOverride => "newly allowed with an override",
        ChangeKind.NewlyDenied => "newly denied",
        ChangeKind.NewlyDeniedWithOverride => "newly denied even with an override",
        ChangeKind.DutiesWeakened => "duties weakened",
        ChangeKind.DutiesChanged => "duties changed",
        _ => "order changed",
    };

    private static string Number(UInt128 number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
