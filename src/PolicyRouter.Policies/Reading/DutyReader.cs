using System.Globalization;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads the <c>duty</c> of a require rule, and refuses what this host cannot do.</summary>
internal static class DutyReader
{
    public static Duty? Read(MapReader rule, Vocabulary words)
    {
        if (MapReader.Of(rule.Any("duty"), $"\"duty\" of {rule.What}", words.Log) is not { } entry)
        {
            return null;
        }

        var approval = entry.Text("approval", required: false);
        if (approval is not null)
        {
            words.CheckName(approval, "role");
        }

        var redact = entry.Text("redact", required: false);
        if (redact is not null && words.RedactionProfiles is { } profiles && !profiles.Contains(redact.Text))
        {
            words.Log.UnknownWord(
                redact, ProblemCodes.CannotPerform, $"{rule.What} asks for the redaction profile \"{redact.Text}\", which this gateway cannot perform",
                profiles);
        }

        var audit = entry.OneOf("audit", Duty.AuditLevels, required: false);
        var keepYears = entry.Number("keep years", 1, 100, required: false);
        var retention = entry.Number("retention days", 0, 36_500, required: false);
        if (Duties.Contradict(keepYears, retention))
        {
            words.Log.Error(
                entry.KeyNode("retention days"), ProblemCodes.Contradiction,
                $"{rule.What} keeps records for {keepYears} years at least and for {retention} days at most",
                string.Create(CultureInfo.InvariantCulture, $"{keepYears} years can be {Duties.DaysOf(keepYears!.Value)} days"));
        }

        if (entry.Node is MapNode { Entries.Count: 0 })
        {
            words.Log.Error(entry.Node, ProblemCodes.Shape, $"the duty of {rule.What} is empty", "redact, audit, keep years, retention days or approval");
        }

        entry.Close();
        return new(redact?.Text, audit?.Text, keepYears, retention) { Approval = approval?.Text };
    }
}
