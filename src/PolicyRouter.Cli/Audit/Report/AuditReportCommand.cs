using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PolicyRouter.Reports.Incidents;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reporting;
using Spectre.Console;

namespace PolicyRouter.Cli.Audit.Report;

/// <summary>
/// <c>audit report --from --to</c>: the incident and availability report of a period. Exit 0 with a report, 1 when a target was named and a route missed it,
/// 3 when an event cannot be read, 4 without a database.
/// </summary>
internal static class AuditReportCommand
{
    private const double DefaultTarget = 99.9;

    private static readonly Option<string> Database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
    private static readonly Option<DateTimeOffset?> From = Required("--from", "Requests decided at or after this time (UTC unless it has an offset).");
    private static readonly Option<DateTimeOffset?> To = Required("--to", "Requests decided before this time.");
    private static readonly Option<string> Format = FormatOption();
    private static readonly Option<double?> Target = TargetOption();
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document instead." };
    private static readonly Option<FileInfo> Output = new("--output") { Description = "Writes the report there instead of to standard output.", HelpName = "FILE" };

    internal static Command Create()
    {
        Command command = new("report", "Makes the incident and availability report of a period.") { Database, From, To, Format, Target, Json, Output };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, TimeProvider.System, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        var error = parsed.InvocationConfiguration.Error;
        var (from, to) = (parsed.GetValue(From)!.Value, parsed.GetValue(To)!.Value);
        if (to <= from)
        {
            await error.WriteLineAsync("--to must be later than --from.");
            return ExitCodes.WrongUsage;
        }

        if (parsed.GetValue(Output)?.Directory is { Exists: false } missing)
        {
            await error.WriteLineAsync($"There is no folder {missing.FullName}.");
            return ExitCodes.WrongUsage;
        }

        ReportPeriod period = new(from, to);
        var target = (double)((decimal)(parsed.GetValue(Target) ?? DefaultTarget) / 100);
        return await AuditVerb.RunAsync(parsed.GetValue(Database), error, async database =>
        {
            await using var history = AuditHistory.Open(database.ConnectionString);
            var report = await ReadAsync(history, period, time, error, cancellationToken);

            // Recorded before anybody sees it.
            var query = string.Create(CultureInfo.InvariantCulture, $"audit report from={period.From:O} to={period.To:O}");
            await CliReads.RecordAsync(database, query, report.Requests.Total, time, error, cancellationToken);
            var text = parsed.GetValue(Json) ? ReportJson.Write(report, target) + "\n" : Text(report, target, parsed.GetValue(Format)!);
            if (parsed.GetValue(Output) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, text, cancellationToken);
            }
            else
            {
                await parsed.InvocationConfiguration.Output.WriteAsync(text);
            }

            return parsed.GetValue(Target) is not null && !report.Routes.All(route => route.Requests.Meets(target)) ? ExitCodes.AnswerIsNo : ExitCodes.Good;
        }, cancellationToken);
    }

    private static string Text(AuditReport report, double target, string format)
    {
        var document = ReportSections.Of(report, target);
        return format == "html" ? ReportHtml.Write(document) : ReportMarkdown.Write(document);
    }

    private static async Task<AuditReport> ReadAsync(
        AuditHistory history, ReportPeriod period, TimeProvider time, TextWriter error, CancellationToken cancellationToken)
    {
        if (Console.IsErrorRedirected)
        {
            return await history.ReportAsync(period, time.GetUtcNow(), new Counted(static _ => { }), cancellationToken);
        }

        var requests = await history.CountAsync(new HistoryQuery { From = period.From, To = period.To }, cancellationToken);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(progress =>
            {
                var bar = progress.AddTask("report", maxValue: Math.Max(1, requests));
                return history.ReportAsync(period, time.GetUtcNow(), new Counted(read => bar.Value = read), cancellationToken);
            });
    }

    private static Option<DateTimeOffset?> Required(string name, string description)
    {
        var option = TimeOption.Create(name, description);
        option.Required = true;
        return option;
    }

    private static Option<string> FormatOption()
    {
        Option<string> format = new("--format") { Description = "markdown or html.", DefaultValueFactory = static _ => "markdown" };
        format.AcceptOnlyFromAmong("markdown", "html");
        return format;
    }

    private static Option<double?> TargetOption()
    {
        Option<double?> target = new("--target")
        {
            Description = "Percent of the requests that must be answered, 99.9 unless given; if given, a route below it makes the exit code 1.",
            HelpName = "PERCENT",
            CustomParser = static result => ParseTarget(result),
        };
        return target;
    }

    private static double? ParseTarget(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and < 100)
        {
            return percent;
        }

        result.AddError("--target is a percentage above 0 and below 100, as 99.9.");
        return null;
    }

    /// <summary>Told on the reader's own thread: a <see cref="Progress{T}"/> would post to the thread pool.</summary>
    private sealed class Counted(Action<long> read) : IProgress<long>
    {
        public void Report(long value) => read(value);
    }
}
