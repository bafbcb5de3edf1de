using System.Globalization;
using PolicyRouter.Benchmarks;
using PolicyRouter.Benchmarks.Appending;
using PolicyRouter.Benchmarks.History;
using PolicyRouter.Benchmarks.Outages.Figures;
using PolicyRouter.Benchmarks.Parts;
using PolicyRouter.Benchmarks.Proxying;
using PolicyRouter.Benchmarks.Redaction;
using PolicyRouter.Benchmarks.Reporting;

// The gateway: dotnet run -c Release --project tests/PolicyRouter.Benchmarks [-- --quick | --seconds N --rounds N --callers N --variants]
// Redaction: the same with -- redaction [--development [--misses]].
// The console on a long history: the same with -- console [--decisions N].
// Decisions alone: the same with -- decisions [--quick | --seconds N --rounds N].
// A report of the log: the same with -- report [--quick | --decisions N].
// The seal of the audit log: the same with -- sealing [--quick | --events N --rounds N].
// The audit log next to plain inserts: the same with -- appending [--quick | --seconds N --rounds N].
// Real outages replayed: the same with -- outages [--quick | --per-second N --failovers N --only NAME].
// Streams: the same with -- streaming [--quick | --streams N --many N --rounds N].
// From start to ready: the same with -- starting [--rounds N].
// Mixed load for long: the same with -- soak [--minutes N --per-second N]; exit code 1 when something grows.
// A first target that fails all the time: the same with -- failing [--quick | --requests N --callers N]; exit code 1 when a caller sees an error.
// The steps of a request by themselves, in one process, with what they allocate: the same with -- parts [BenchmarkDotNet's own options].
// The parent runs the simulated provider and the load on one core; each contender is a process of its own on the other.
if (args is ["yarp", var listen, var upstream])
{
    await YarpPassthrough.RunAsync(new Uri(listen), new Uri(upstream));
    return;
}

if (args is ["decisions", ..])
{
    DecisionComparison.Run(TimeSpan.FromSeconds(Option("--seconds", args.Contains("--quick") ? 1 : 3)), rounds: Option("--rounds", args.Contains("--quick") ? 1 : 5));
    return;
}

if (args is ["report-of", var database, var days])
{
    await ReportCost.ReportAsync(database, int.Parse(days, CultureInfo.InvariantCulture));
    return;
}

if (args is ["report", ..])
{
    await ReportCost.RunAsync(Option("--decisions", args.Contains("--quick") ? 20_000 : 1_000_000));
    return;
}

if (args is ["sealing", ..])
{
    await SealingFigures.RunAsync(Option("--events", args.Contains("--quick") ? 6_400 : 100_000), rounds: Option("--rounds", args.Contains("--quick") ? 1 : 5));
    return;
}

if (args is ["appending", ..])
{
    await AppendFigures.RunAsync(TimeSpan.FromSeconds(Option("--seconds", args.Contains("--quick") ? 1 : 5)), rounds: Option("--rounds", args.Contains("--quick") ? 1 : 3));
    return;
}

if (args is ["console", ..])
{
    await ConsoleFigures.RunAsync(Option("--decisions", 1_000_000));
    return;
}

if (args is ["redaction", ..])
{
    RedactionFigures.Run(isTest: !args.Contains("--development"), showsMisses: args.Contains("--misses"));
    return;
}

if (args is ["outages", ..])
{
    var isQuick = args.Contains("--quick");
    await OutageFigures.RunAsync(Option("--per-second", 8), stretch: isQuick ? 0.2 : 1, Word("--only"));
    await FailoverTime.RunAsync(Option("--failovers", isQuick ? 30 : 1_000));
    return;
}

if (args is ["streaming", ..])
{
    var isShort = args.Contains("--quick");
    await StreamFigures.RunAsync(streams: Option("--streams", isShort ? 10 : 50), many: Option("--many", isShort ? 100 : 1_000), rounds: Option("--rounds", isShort ? 1 : 3));
    return;
}

if (args is ["starting", ..])
{
    await StartUpFigures.RunAsync(Option("--rounds", args.Contains("--quick") ? 1 : 5), Published());
    return;
}

if (args is ["soak", ..])
{
    Environment.ExitCode = await Soak.RunAsync(TimeSpan.FromMinutes(Option("--minutes", 10)), Option("--per-second", 50)) ? 0 : 1;
    return;
}

if (args is ["failing", ..])
{
    Environment.ExitCode = await FailingPrimary.RunAsync(Option("--requests", args.Contains("--quick") ? 100 : 2_500), Option("--callers", 8)) ? 0 : 1;
    return;
}

if (args is ["parts", .. var options])
{
    RequestParts.Run(options);
    return;
}

var quick = args.Contains("--quick");
await GatewayComparison.RunAsync(
    TimeSpan.FromSeconds(Option("--seconds", quick ? 1 : 4)), rounds: Option("--rounds", quick ? 1 : 3), callers: Option("--callers", 16), Word("--only"), Word("--shape"),
    args.Contains("--variants"), Published());

int Option(string name, int fallback)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : fallback;
}

// The gateway as `dotnet publish --use-current-runtime` makes it, compiled ahead of time: --published FOLDER.
string? Published() => Word("--published") is { Length: > 0 } folder ? Path.Combine(folder, "policyrouter.dll") : null;

string Word(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : "";
}
