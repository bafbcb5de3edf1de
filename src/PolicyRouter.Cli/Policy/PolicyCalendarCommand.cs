using System.CommandLine;
using System.Globalization;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary><c>policy calendar [DIR]</c>: decision changes that come by themselves. Exit 0, or 1 when that is too large to tell.</summary>
internal static class PolicyCalendarCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var json = PolicyLoading.JsonOption();
        var from = PolicyLoading.DayOption("--from", "The first day, as 2026-12-31; today in the legal time zone unless given.");
        Command command = new("calendar", "Tells which decisions will change by themselves as papers start and end.") { folder, from, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!, parsed.GetValue(from), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, DateOnly? from, bool json, TextWriter output, TextWriter error)
    {
        if (PolicyLoading.LoadOrReport(folder, error) is not { Snapshot: var snapshot })
        {
            return ExitCodes.InputNotLoaded;
        }

        IReadOnlyList<CalendarEntry> entries;
        try
        {
            entries = PolicyCalendar.From(snapshot, from ?? snapshot.DayOf(TimeProvider.System.GetUtcNow()));
        }
        catch (TooLargeException tooLarge)
        {
            error.WriteLine($"Too large to tell ({tooLarge.Message}).");
            return ExitCodes.AnswerIsNo;
        }

        if (json)
        {
            output.WriteLine(Json(entries));
            return ExitCodes.Good;
        }

        foreach (var entry in entries)
        {
            output.WriteLine(entry.Sentence);
        }

        if (entries.Count == 0)
        {
            output.WriteLine("No decision will change by itself.");
        }

        return ExitCodes.Good;
    }

    private static string Json(IReadOnlyList<CalendarEntry> entries) => JsonText.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var entry in entries)
        {
            writer.WriteStartObject();
            writer.WriteString("day", entry.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            writer.WriteString("change", entry.Kind?.ToString());
            writer.WriteString("deployment", entry.Deployment);
            JsonText.WriteList(writer, "classes", entry.Classes);
            JsonText.WriteList(writer, "causes", entry.Causes);
            JsonText.WriteList(writer, "remaining", entry.Remaining);
            writer.WriteString("sentence", entry.Sentence);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
