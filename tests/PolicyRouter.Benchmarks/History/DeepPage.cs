using System.Diagnostics;
using System.Globalization;
using PolicyRouter.Audit.Reading;

namespace PolicyRouter.Benchmarks.History;

/// <summary>How long a page takes from the log alone, without a console around it: the newest, and one deep in the history, both of 50 decisions.</summary>
internal static class DeepPage
{
    private const int Depth = 60_000;
    private const int Longest = 500;
    private const int Warmups = 5;
    private const int Rounds = 100;

    public static async Task MeasureAsync(string database)
    {
        await using var history = AuditHistory.Open(database);
        string? cursor = null;
        for (var passed = 0; passed < Depth; passed += Longest)
        {
            cursor = (await history.QueryAsync(new HistoryQuery { Limit = Longest, Cursor = cursor }, CancellationToken.None)).NextCursor
                ?? throw new InvalidOperationException($"There are fewer than {Depth} decisions.");
        }

        Console.WriteLine("\n| page of the log alone | median ms | slowest but one of 100, ms |\n|---|--:|--:|");
        await MeasureAsync(history, "the newest", null);
        await MeasureAsync(history, string.Create(CultureInfo.InvariantCulture, $"{Depth:N0} decisions deep"), cursor);
    }

    private static async Task MeasureAsync(AuditHistory history, string name, string? cursor)
    {
        List<double> taken = [];
        for (var i = 0; i < Warmups + Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await history.QueryAsync(new HistoryQuery { Cursor = cursor }, CancellationToken.None);
            if (i >= Warmups)
            {
                taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        taken.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {taken[Rounds / 2]:F1} | {taken[^2]:F1} |"));
    }
}
