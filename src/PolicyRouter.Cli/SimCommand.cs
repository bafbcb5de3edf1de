using System.CommandLine;
using PolicyRouter.Simulator;

namespace PolicyRouter.Cli;

/// <summary><c>sim --fleet FILE</c>: the provider simulator by itself, until Ctrl-C.</summary>
internal static class SimCommand
{
    internal static Command Create()
    {
        Option<FileInfo> fleet = new("--fleet") { Description = "The fleet file (JSON).\n" + FleetFile.Description, Required = true, HelpName = "FILE" };
        Command command = new("sim", "Runs simulated LLM providers on loopback, until Ctrl-C.") { fleet };
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetRequiredValue(fleet),
            result.InvocationConfiguration.Output,
            result.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        IReadOnlyList<ProviderProfile> profiles;
        try
        {
            profiles = FleetFile.Parse(await File.ReadAllTextAsync(file.FullName, cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            await error.WriteLineAsync($"{file}: {exception.Message}");
            return ExitCodes.InputNotLoaded;
        }

        try
        {
            await using var fleet = await SimulatedFleet.StartAsync(profiles, cancellationToken: cancellationToken);
            foreach (var provider in fleet.Providers)
            {
                // Nobody reads recordings here, and the command may run for days.
                provider.Recording = false;
                var url = provider.BaseUrl.GetLeftPart(UriPartial.Authority);
                await output.WriteLineAsync($"{provider.Name}  {FleetFile.NameOf(provider.Wire)}  {provider.Model}  {url}");
            }

            await output.FlushAsync(CancellationToken.None);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCodes.Good;
        }
        catch (ArgumentException exception)
        {
            await error.WriteLineAsync($"{file}: {exception.Message}");
            return ExitCodes.InputNotLoaded;
        }
        catch (IOException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ExitCodes.ServiceUnavailable;
        }
    }
}
