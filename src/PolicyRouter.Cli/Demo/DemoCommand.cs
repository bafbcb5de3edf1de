using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.WebConsole;

namespace PolicyRouter.Cli.Demo;

/// <summary><c>demo</c>: the main job on an embedded default, with the outage of 28 April 2026 replayed against <c>policies/</c>.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Prints the reckoning as one JSON document; everything else goes to standard error." };
        Option<bool> keep = new("--keep") { Description = "Stays up afterwards and prints the console's address and ready-made curl lines." };
        Option<FileInfo> incidents = new("--report") { Description = "Writes the incident and availability report of the replay: a page for a name in .html, else Markdown.", HelpName = "FILE" };
        Command command = new(
            "demo", "Starts PostgreSQL, the gateway, the console and simulated providers, replays the 28 April outage, and counts at the providers what arrived.")
        {
            json, keep, incidents,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result.GetValue(json), result.GetValue(keep), result.GetValue(incidents), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool json, bool keep, FileInfo? incidents, CancellationToken cancellationToken)
    {
        var policies = Path.Combine(Environment.CurrentDirectory, "policies");
        if (!Directory.Exists(policies))
        {
            await Console.Error.WriteLineAsync("There is no policies folder here: run the demo in the project's folder.");
            return ExitCodes.InputNotLoaded;
        }

        var time = TimeProvider.System;
        DemoReport report = new(json ? Console.Error : Console.Out, isTerminal: json ? !Console.IsErrorRedirected : !Console.IsOutputRedirected);
        var home = Directory.CreateTempSubdirectory("policyrouter-demo-");
        try
        {
            await using var postgres = await LocalPostgresServer.StartAsync(
                Path.Combine(home.FullName, "postgres"), NullLogger.Instance, cancellationToken);
            await using var stack = await SimulatedStack.StartAsync(
                new SimulatedStackOptions { PoliciesFolder = policies, ConnectionString = postgres.ConnectionString }, cancellationToken);
            await using var console = await ConsoleHost.StartAsync(
                new ConsoleSettings
                {
                    Urls = [new Uri("http://127.0.0.1:0")],
                    ConnectionString = postgres.ConnectionString,
                    LogToConsole = false,
                    Gateway = stack.ControlPlane,
                    PolicyFolder = stack.Policies,
                    PolicyOptions = ConsoleCommand.PolicyOptions,
                    CheckpointKeys = [stack.Home.ReadCheckpointPublicKey()],
                    CheckpointFolder = stack.Home.CheckpointFolder,
                    DevelopmentKey = stack.VerificationKey,
                    DevelopmentIssuer = DevelopmentTokens.Issuer,
                    DevelopmentAudience = DevelopmentTokens.Audience,
                },
                time,
                cancellationToken);
            DemoRun run = new(stack, time);
            var reckoning = await run.RunAsync(report.Saw, cancellationToken);
            report.Sum(reckoning, run.Started, time.GetUtcNow());
            if (json)
            {
                await using var stdout = Console.OpenStandardOutput();
                await DemoReport.WriteJsonAsync(stdout, reckoning);
            }

            if (incidents is not null)
            {
                await DemoIncidents.WriteAsync(incidents, stack.ConnectionString, run.Started, time, cancellationToken);
            }

            if (keep)
            {
                await StayAsync(stack, console, cancellationToken);
            }

            return reckoning.EveryPromiseHeld ? ExitCodes.Good : ExitCodes.AnswerIsNo;
        }
        catch (LocalPostgresException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return ExitCodes.ServiceUnavailable;
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    private static async Task StayAsync(SimulatedStack stack, ConsoleHost console, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync(
            $"""

            Console: {console.Address} - sign in with this token:
            {stack.Token("demo-auditor", "auditor")}

            curl {new Uri(stack.DataPlane, "/v1/chat/completions")} \
              -H 'Authorization: Bearer {stack.Token("demo-app", "app", floor: "phi", purpose: "treatment", subjects: "us")}' \
              -H 'Content-Type: application/json' \
              -d '{DemoBody}'

            curl '{new Uri(stack.ControlPlane, "/api/decisions?class=phi&limit=5")}' \
              -H 'Authorization: Bearer {stack.Token("demo-auditor", "auditor")}'

            Ctrl-C ends it.
            """);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private const string DemoBody = """{"model":"clinical-chat","messages":[{"role":"user","content":"Summarise: MRN: MRN-48151623, asthma."}]}""";
}
