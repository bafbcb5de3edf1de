using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Cli.Audit;
using PolicyRouter.Policies.Replaying;
using PolicyRouter.Reports.Impact;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy replay DIR</c>: decides the recorded requests again under another folder. Exit 0 when nothing became allowed, 1 when something did,
/// 3 when the folder does not load or an event cannot be read, 4 without a database.
/// </summary>
internal static class PolicyReplayCommand
{
    private const int DefaultDays = 90;

    internal static Command Create()
    {
        Argument<string> folder = new("DIR") { Description = "The policy folder to decide them under." };
        Option<string> database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
        var since = SinceOption();
        var on = PolicyLoading.DayOption("--on", "Decides them all for this day; without it each for the day it was decided for.");
        var json = PolicyLoading.JsonOption();
        Command command = new("replay", "Decides the recorded requests again under a policy folder and tells what changes.") { folder, database, since, on, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (PolicyLoading.LoadOrReport(parsed.GetValue(folder)!, error) is not { Snapshot: var snapshot })
            {
                return ExitCodes.InputNotLoaded;
            }

            IReplayReport report = parsed.GetValue(json) ? new ReplayJson(output, snapshot.Version) : new ReplayText(output);
            var from = TimeProvider.System.GetUtcNow() - (parsed.GetValue(since) ?? TimeSpan.FromDays(DefaultDays));
            return await RunAsync(new(snapshot), parsed.GetValue(database), from, parsed.GetValue(on), report, error, cancellation);
        });
        return command;
    }

    private static Task<int> RunAsync(
        PolicyReplay replay, string? named, DateTimeOffset from, DateOnly? on, IReplayReport report, TextWriter error, CancellationToken cancellationToken) =>
        AuditVerb.RunAsync(named, error, async database =>
        {
            await using var history = AuditHistory.Open(database.ConnectionString);
            ReplayTotals totals = new();
            await foreach (var decided in history.DecisionsSinceAsync(from, cancellationToken))
            {
                var replayed = replay.Decide(RecordedDecision.Of(decided), on);
                totals.Add(replayed, wasAnswerable: decided.Plan.Count + decided.Unsuitable.Count > 0);
                if (replayed.IsChanged)
                {
                    report.Add(decided, replayed);
                }
            }

            report.End(totals);
            return totals.NewlyAllowed > 0 ? ExitCodes.AnswerIsNo : ExitCodes.Good;
        }, cancellationToken);

    /// <summary>Days or hours back from now: <c>90d</c>, <c>12h</c>.</summary>
    private static Option<TimeSpan?> SinceOption() => new("--since")
    {
        Description = $"How far back, as 12h or {DefaultDays}d, which is meant when it is left out.",
        HelpName = "SPAN",
        CustomParser = static result => ParseSpan(result),
    };

    private static TimeSpan? ParseSpan(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.Length is > 1 and <= 6 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            switch (text[^1])
            {
                case 'd':
                    return TimeSpan.FromDays(number);
                case 'h':
                    return TimeSpan.FromHours(number);
            }
        }

        result.AddError($"--since {text} is not a span; write 90d or 12h.");
        return default;
    }
}
