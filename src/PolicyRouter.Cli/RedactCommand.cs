using System.CommandLine;
using System.Text;
using System.Threading.Channels;
using PolicyRouter.Cli.Policy;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Redaction;
using Spectre.Console;

namespace PolicyRouter.Cli;

/// <summary>
/// <c>policyrouter redact</c>: JSON Lines <c>{"id","text"}</c> from a file or standard input, <c>{"id","redacted","spans"}</c> on standard output, in the same order.
/// A file is shown as a progress bar on standard error when that is a terminal.
/// </summary>
internal static class RedactCommand
{
    private const string DefaultProfile = "hipaa-safe-harbor-18";
    private const int MostLinesAtOnce = 256;

    public static Command Create()
    {
        Argument<FileInfo?> file = new("FILE") { Description = "The lines; standard input when it is left out.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> profile = new("--profile")
        {
            Description = $"What to remove: {string.Join(", ", RedactionProfile.Names.Order(StringComparer.Ordinal))}, or a profile of --policies.",
            DefaultValueFactory = static _ => DefaultProfile,
        };
        Option<string?> policies = new("--policies") { Description = "A policy folder whose redaction.yaml adds profiles and texts." };
        Command command = new("redact", "Finds and replaces sensitive values in JSON Lines of {\"id\",\"text\"}.") { file, profile, policies };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            InvocationConfiguration terminal = parsed.InvocationConfiguration;
            if (RedactorFor(parsed.GetValue(profile) ?? DefaultProfile, parsed.GetValue(policies), terminal.Error, out LineRedactor? redactor) is { } exit)
            {
                return exit;
            }

            if (parsed.GetValue(file) is not { } lines)
            {
                return await RunAsync(System.Console.OpenStandardInput(), terminal.Output, terminal.Error, redactor!, cancellationToken);
            }

            if (!lines.Exists)
            {
                await terminal.Error.WriteLineAsync($"There is no file {lines.FullName}.");
                return ExitCodes.InputNotLoaded;
            }

            await using FileStream input = lines.OpenRead();
            return System.Console.IsErrorRedirected
                ? await RunAsync(input, terminal.Output, terminal.Error, redactor!, cancellationToken)
                : await WithProgressAsync(input, terminal, redactor!, cancellationToken);
        });
        return command;
    }

    /// <summary>Redacts in the order of the lines, as many at once as there are; returns 3 at the first line that cannot be read. Errors name the line, never its content.</summary>
    internal static async Task<int> RunAsync(Stream input, TextWriter output, TextWriter error, LineRedactor redactor, CancellationToken cancellationToken)
    {
        // Lines that are already there are redacted together; whoever sends one and waits gets its answer.
        Channel<(int Number, string Line)> channel = Channel.CreateBounded<(int, string)>(MostLinesAtOnce);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<int?> reading = ReadAsync(input, channel.Writer, stop.Token);
        List<(int Number, string Line)> lines = new(MostLinesAtOnce);
        while (await channel.Reader.WaitToReadAsync(cancellationToken))
        {
            lines.Clear();
            while (lines.Count < MostLinesAtOnce && channel.Reader.TryRead(out (int Number, string Line) line))
            {
                lines.Add(line);
            }

            string?[] redacted = new string?[lines.Count];
            Parallel.For(0, lines.Count, new ParallelOptions { CancellationToken = cancellationToken }, i => redacted[i] = redactor.Redact(lines[i].Line));
            for (int i = 0; i < redacted.Length; i++)
            {
                if (redacted[i] is null)
                {
                    await stop.CancelAsync();
                    await output.FlushAsync(cancellationToken);
                    await error.WriteLineAsync($"Line {lines[i].Number} is not a JSON object with an \"id\" and a string \"text\".");
                    return 3;
                }

                await output.WriteLineAsync(redacted[i]);
            }

            await output.FlushAsync(cancellationToken);
        }

        if (await reading is not { } undecodable)
        {
            return 0;
        }

        await error.WriteLineAsync($"Line {undecodable} or one near it is not UTF-8.");
        return 3;
    }

    /// <summary>Passes on every line that is not blank, with its number; returns the number of the line that is not UTF-8, or null.</summary>
    private static async Task<int?> ReadAsync(Stream input, ChannelWriter<(int Number, string Line)> lines, CancellationToken cancellationToken)
    {
        using StreamReader reader = new(input, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), false, bufferSize: 65_536, leaveOpen: true);
        int number = 1;
        try
        {
            for (; await reader.ReadLineAsync(cancellationToken) is { } line; number++)
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    await lines.WriteAsync((number, line), cancellationToken);
                }
            }

            return null;
        }
        catch (DecoderFallbackException)
        {
            return number;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            lines.Complete();
        }
    }

    private static async Task<int> WithProgressAsync(FileStream input, InvocationConfiguration terminal, LineRedactor redactor, CancellationToken cancellationToken)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) });
        return await console.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                ProgressTask bar = progress.AddTask("redact", maxValue: Math.Max(1, input.Length));
                await using ObservedStream observed = new(input, position => bar.Value = position);
                return await RunAsync(observed, terminal.Output, terminal.Error, redactor, cancellationToken);
            });
    }

    /// <summary>The exit code when there is no such profile or the folder cannot be loaded; otherwise null.</summary>
    private static int? RedactorFor(string name, string? folder, TextWriter error, out LineRedactor? redactor)
    {
        redactor = null;
        RedactionSetup? setup = null;
        if (folder is not null)
        {
            if (PolicyLoading.LoadOrReport(folder, error) is not { } loaded)
            {
                return 3;
            }

            setup = RedactionSetup.Of(loaded.Snapshot);
        }

        RedactionProfile? profile = null;
        if (!(setup?.TryGetProfile(name, out profile) ?? RedactionProfile.TryGet(name, out profile)))
        {
            error.WriteLine($"There is no redaction profile `{name}`. Profiles: {string.Join(", ", setup?.ProfileNames ?? RedactionProfile.Names.Order(StringComparer.Ordinal))}.");
            return 2;
        }

        redactor = new LineRedactor(setup?.Scanner ?? new SensitiveTextScanner(), profile!);
        return null;
    }
}
