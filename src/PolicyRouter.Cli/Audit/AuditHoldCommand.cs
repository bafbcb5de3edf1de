using System.CommandLine;
using System.Globalization;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Cli.Policy;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// <c>audit hold place|lift|list</c>: what must not be retired, nor have its keys destroyed, whatever its age. Exit 1 when a hold of this name is in force already, or none is; 4 when it
/// cannot be recorded.
/// </summary>
internal static class AuditHoldCommand
{
    internal static Command Create() => new("hold", "Places, lifts and lists legal holds.") { Place(), Lift(), List() };

    private static Command Place()
    {
        var name = NameOption();
        var reason = KeepingVerb.Reason("Why.");
        var from = TimeOption.Create("--from", "Covers events at or after this time. Default: from the beginning.");
        var to = TimeOption.Create("--to", "Covers events before this time. Default: without an end.");
        Option<string[]> app = new("--app") { Description = "Covers the requests of this app; may be repeated. Default: everything.", HelpName = "NAME" };
        var database = KeepingVerb.Database();
        Command command = new("place", "Places a legal hold.") { name, reason, from, to, app, database };
        command.Validators.Add(result =>
        {
            if (result.GetValue(from) is { } begin && result.GetValue(to) is { } end && end <= begin)
            {
                result.AddError("--to must be later than --from.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(database), parsed.GetRequiredValue(name), isPlaced: true,
            now => new LegalHoldPlaced
            {
                Id = Guid.CreateVersion7(now), At = now, Hold = parsed.GetRequiredValue(name), Reason = parsed.GetRequiredValue(reason), By = CliReads.Reader,
                From = parsed.GetValue(from), To = parsed.GetValue(to), Apps = parsed.GetValue(app) ?? [],
            },
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static Command Lift()
    {
        var name = NameOption();
        var reason = KeepingVerb.Reason("Why it ends.");
        var database = KeepingVerb.Database();
        Command command = new("lift", "Lifts a legal hold.") { name, reason, database };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(database), parsed.GetRequiredValue(name), isPlaced: false,
            now => new LegalHoldLifted { Id = Guid.CreateVersion7(now), At = now, Hold = parsed.GetRequiredValue(name), Reason = parsed.GetRequiredValue(reason), By = CliReads.Reader },
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static Command List()
    {
        var database = KeepingVerb.Database();
        Option<bool> json = new("--json") { Description = "One JSON document." };
        Command command = new("list", "Lists the legal holds in force.") { database, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            return KeepingVerb.RunAsync(parsed.GetValue(database), parsed.InvocationConfiguration.Error, async database =>
            {
                var holds = await LegalHoldList.ReadAsync(database.ConnectionString, cancellationToken);
                await output.WriteLineAsync(parsed.GetValue(json) ? Json(holds) : holds.Count == 0 ? "No legal hold is in force." : string.Join('\n', holds.Select(Line)));
                return ExitCodes.Good;
            }, cancellationToken);
        });
        return command;
    }

    private static Option<string> NameOption()
    {
        Option<string> name = new("--name") { Description = "The hold's name: at most 64 letters, digits and -._/#.", Required = true, HelpName = "NAME" };
        name.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(text.Length is > 0 and <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or '#')))
            {
                result.AddError("--name has 1 to 64 letters, digits and -._/#.");
            }
        });
        return name;
    }

    private static Task<int> RunAsync(
        string? named, string name, bool isPlaced, Func<DateTimeOffset, AuditEvent> entry, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        KeepingVerb.RunAsync(named, error, async database =>
        {
            var holds = await LegalHoldList.ReadAsync(database.ConnectionString, cancellationToken);
            if (holds.Any(hold => hold.Name == name) == isPlaced)
            {
                await error.WriteLineAsync(isPlaced ? $"A hold `{name}` is in force already; lift it first, or take another name." : $"No hold `{name}` is in force.");
                return ExitCodes.AnswerIsNo;
            }

            if (!await CliReads.TryRecordAsync(database, entry(TimeProvider.System.GetUtcNow()), TimeProvider.System, error, cancellationToken))
            {
                throw new AuditUnavailableException("A legal hold has to be recorded, and the database role, or the server, can only read.");
            }

            await output.WriteLineAsync(isPlaced ? $"The hold `{name}` is in force." : $"The hold `{name}` is lifted.");
            return ExitCodes.Good;
        }, cancellationToken);

    private static string Line(LegalHold hold) => string.Create(
        CultureInfo.InvariantCulture,
        $"{hold.Name}: {(hold.Apps.Count == 0 ? "everything" : $"requests of {string.Join(", ", hold.Apps)}")}, from {Time(hold.From) ?? "the beginning"} to {Time(hold.To) ?? "no end"}; placed {Time(hold.At)} by {hold.By}: {hold.Reason}");

    private static string Json(IReadOnlyList<LegalHold> holds) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("holds");
        foreach (var hold in holds)
        {
            writer.WriteStartObject();
            writer.WriteString("name", hold.Name);
            writer.WriteString("at", Time(hold.At));
            writer.WriteString("from", Time(hold.From));
            writer.WriteString("to", Time(hold.To));
            JsonText.WriteList(writer, "apps", hold.Apps);
            writer.WriteString("reason", hold.Reason);
            writer.WriteString("by", hold.By);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
