using Spectre.Console;

namespace PolicyRouter.Cli.Audit;

/// <summary>A bar on standard error while a long pass over the log runs; nothing when nobody is watching.</summary>
internal static class AuditProgress
{
    public static async Task<T> RunAsync<T>(string what, TextWriter error, Func<Action<long, long>?, Task<T>> pass)
    {
        if (Console.IsErrorRedirected || !ReferenceEquals(error, Console.Error))
        {
            return await pass(null);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(what, maxValue: 1);
                return await pass((done, total) =>
                {
                    bar.MaxValue = Math.Max(1, total);
                    bar.Value = done;
                });
            });
    }
}
