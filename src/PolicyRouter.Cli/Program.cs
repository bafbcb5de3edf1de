using System.CommandLine;
using PolicyRouter.Cli.Audit;
using PolicyRouter.Cli.Authorizing;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Cli.Policy;

namespace PolicyRouter.Cli;

/// <summary>The one executable. Each verb is a small file of its own; this is their table of contents.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        RootCommand root = new("PolicyRouter keeps apps on large language models up, and their data lawful.")
        {
            DemoCommand.Create(),
            ServeCommand.Create(),
            ConsoleCommand.Create(),
            PolicyCommand.Create(),
            RedactCommand.Create(),
            AuditCommand.Create(),
            TokenCommand.Create(),
            BreakGlassCommand.Create(),
            ApproveCommand.Create(),
            SimCommand.Create(),
        };

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("Try --help.");
            return ExitCodes.WrongUsage;
        }

        InvocationConfiguration invocation = new();
        if (parsed.CommandResult.Command.Name == ServeCommand.Name)
        {
            // The gateway ends by itself when it is told to, and may take minutes over it; the library would end the process two seconds after the signal.
            invocation.ProcessTerminationTimeout = null;
        }

        return await parsed.InvokeAsync(invocation);
    }
}
