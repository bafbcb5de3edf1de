using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace PolicyRouter.Cli.Demo;

/// <summary>What the demonstration shows: one line per request as it happens, then the reckoning. Plain text when nobody is watching.</summary>
internal sealed class DemoReport
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private readonly IAnsiConsole _console;

    private string? _phase;

    // A report that is piped somewhere has no width to break lines at.
    private const int NoWidth = 1_000;

    public DemoReport(TextWriter output, bool isTerminal)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!isTerminal)
        {
            _console.Profile.Width = NoWidth;
        }
    }

    public void Saw(DemoOutcome outcome)
    {
        if (_phase != outcome.Phase)
        {
            _phase = outcome.Phase;
            _console.WriteLine();
            _console.Write(new Text($"--- {outcome.Phase} ---", new Style(decoration: Decoration.Bold)));
            _console.WriteLine();
        }

        var what = outcome.IsServed
            ? $"{outcome.Deployment}{(outcome.Attempts > 1 ? $" after {outcome.Attempts - 1} failed" : "")}{(outcome.Redactions > 0 ? $", {outcome.Redactions} redacted" : "")}"
            : $"refused: {outcome.Code} ({string.Join(", ", outcome.Why.Take(3))}{(outcome.Why.Count > 3 ? ", ..." : "")})";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Request.Number,4}  {outcome.Request.Kind.Name,-24} {(outcome.Request.IsStreaming ? "stream" : "whole"),-6} {outcome.Elapsed.TotalMilliseconds,6:F0} ms  {what}");
        _console.Write(new Text(line, new Style(!outcome.IsServed ? Color.Yellow : outcome.Attempts > 1 ? Color.Aqua : Color.Default)));
        _console.WriteLine();
    }

    public void Sum(Reckoning reckoning, DateTimeOffset from, DateTimeOffset to)
    {
        _console.WriteLine();
        Line("requests", reckoning.Requests, null);
        Line("served", reckoning.Served, null);
        Line("refused by policy", reckoning.Refused, null);
        Line("failed over", reckoning.FailedOver, string.Create(CultureInfo.InvariantCulture, $"median {reckoning.MedianFailover.TotalMilliseconds:F0} ms from question to answer"));
        Line("sends to a forbidden provider", reckoning.ForbiddenSends, "counted at the providers");
        Line("identifiers in clear despite a duty", reckoning.ClearIdentifiers, "counted at the providers");
        Line("sends without a durable record", reckoning.UnrecordedSends, "providers against log");
        Line("answers not restored", reckoning.Unrestored, null);
        Line("wrong verdicts", reckoning.WrongVerdicts, "against hand-written expectations");
        Line("decisions in the log", reckoning.Decisions, null);
        Line("faults in the log", reckoning.LogFaults, string.Create(CultureInfo.InvariantCulture, $"{reckoning.VerifiedEntries} entries recomputed, against checkpoints kept outside of the database"));
        _console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{"answered, where a permitted provider lived",-44} {reckoning.AvailabilityPermitted,7:P1}"));
        _console.WriteLine();
        _console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Who was authorised to receive PHI between {from:HH:mm:ss} and {to:HH:mm:ss} UTC?"));
        foreach (var (deployment, count) in reckoning.PhiRecipients)
        {
            _console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {deployment,-24} {count,4} requests"));
        }

        _console.WriteLine();
        _console.WriteLine(reckoning.EveryPromiseHeld ? "Every promise held." : "A PROMISE WAS BROKEN: see the figures above.");

        void Line(string name, int value, string? note) =>
            _console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44} {value,7}{(note is null ? "" : $"   ({note})")}"));
    }

    /// <summary>The reckoning as one JSON document.</summary>
    public static async Task WriteJsonAsync(Stream stream, Reckoning reckoning)
    {
        await using Utf8JsonWriter json = new(stream, Indented);
        json.WriteStartObject();
        json.WriteNumber("requests", reckoning.Requests);
        json.WriteNumber("served", reckoning.Served);
        json.WriteNumber("refused", reckoning.Refused);
        json.WriteNumber("failedOver", reckoning.FailedOver);
        json.WriteNumber("forbiddenSends", reckoning.ForbiddenSends);
        json.WriteNumber("clearIdentifiers", reckoning.ClearIdentifiers);
        json.WriteNumber("unrecordedSends", reckoning.UnrecordedSends);
        json.WriteNumber("unrestoredAnswers", reckoning.Unrestored);
        json.WriteNumber("wrongVerdicts", reckoning.WrongVerdicts);
        json.WriteNumber("unanswered", reckoning.Unanswered);
        json.WriteNumber("decisions", reckoning.Decisions);
        json.WriteNumber("verifiedEntries", reckoning.VerifiedEntries);
        json.WriteNumber("logFaults", reckoning.LogFaults);
        json.WriteNumber("availabilityPermitted", reckoning.AvailabilityPermitted);
        json.WriteNumber("medianFailoverMs", Math.Round(reckoning.MedianFailover.TotalMilliseconds, 1));
        json.WriteStartObject("phiRecipients");
        foreach (var (deployment, count) in reckoning.PhiRecipients)
        {
            json.WriteNumber(deployment, count);
        }

        json.WriteEndObject();
        json.WriteBoolean("everyPromiseHeld", reckoning.EveryPromiseHeld);
        json.WriteEndObject();
    }
}
