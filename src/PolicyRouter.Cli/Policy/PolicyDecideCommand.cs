using System.CommandLine;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy decide [DIR]</c>: one request per line of standard input, one decision per line of standard output. A line that is no
/// request becomes an error object in its place, so that lines stay in step, and the exit code is 3.
/// </summary>
internal static class PolicyDecideCommand
{
    private const int BufferSize = 65_536;

    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var json = PolicyLoading.JsonOption();
        json.Description = "Accepted for symmetry: the output is JSON Lines always.";
        Command command = new("decide", "Decides JSON Lines of requests from standard input.") { folder, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            // The console's own streams flush every line, which takes most of the time of a large run.
            using StreamReader input = new(Console.OpenStandardInput());
            await using StreamWriter output = new(Console.OpenStandardOutput(), bufferSize: BufferSize);
            return await RunAsync(parsed.GetValue(folder)!, input, output, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    internal static async Task<int> RunAsync(
        string folder, TextReader input, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (PolicyLoading.LoadOrReport(folder, error) is not { Snapshot: var snapshot })
        {
            return ExitCodes.InputNotLoaded;
        }

        var today = snapshot.DayOf(TimeProvider.System.GetUtcNow());
        var broken = 0;
        for (var number = 1; await input.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (RequestLine.Read(line, today) is not { Request: { } request } read)
            {
                broken++;
                await output.WriteLineAsync(Fault(number, "invalid_request", "the line is not a request: see policyrouter policy decide --help"));
            }
            else if (request.Route is { } route && !snapshot.Offers(route))
            {
                broken++;
                await output.WriteLineAsync(Fault(number, "model_not_found", "the policy has no such route"));
            }
            else
            {
                await output.WriteLineAsync(Answer(read.Id, snapshot.Decide(request)));
            }
        }

        await output.FlushAsync(cancellationToken);
        if (broken > 0)
        {
            await error.WriteLineAsync($"{broken} lines could not be decided.");
        }

        return broken > 0 ? ExitCodes.InputNotLoaded : ExitCodes.Good;
    }

    private static string Answer(string? id, Decision decision) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        if (id is not null)
        {
            writer.WriteString("id", id);
        }

        DecisionJson.WriteProperties(writer, decision);
        writer.WriteEndObject();
    });

    private static string Fault(int line, string code, string message) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("code", code);
        writer.WriteNumber("line", line);
        writer.WriteString("message", message);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
