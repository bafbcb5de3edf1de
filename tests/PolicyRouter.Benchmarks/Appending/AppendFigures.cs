using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Tests;
using PolicyRouter.Testing;

namespace PolicyRouter.Benchmarks.Appending;

/// <summary>
/// What a durable, sealed decision costs next to plain multi-row inserts of the same bytes into the same server, without and with the row that auditors search by: in turn, in one run, with
/// 1 to 256 callers. Both wait for the disk (fsync, synchronous commit).
/// </summary>
internal static class AppendFigures
{
    private static readonly int[] Callers = [1, 8, 64, 256];

    public static async Task RunAsync(TimeSpan stretch, int rounds)
    {
        var folder = TestFolder.Create("appending");
        await using (var server = await LocalPostgresServer.StartAsync(Path.Combine(folder, "pg"), NullLogger.Instance, CancellationToken.None))
        {
            await using var plain = await PlainInserts.StartAsync(await DatabaseAsync(server, "plain"), withRows: false);
            await using var searchable = await PlainInserts.StartAsync(await DatabaseAsync(server, "searchable"), withRows: true);
            await using var log = await SealedLog.StartAsync(await DatabaseAsync(server, "log"), Path.Combine(folder, "checkpoints"));
            IAppender[] appenders = [plain, searchable, log];

            Console.WriteLine("| callers | | decisions/s | of plain inserts | of searchable ones | wait p50 us | p99 us | CPU us: this process | PostgreSQL |");
            Console.WriteLine("|--:|---|--:|--:|--:|--:|--:|--:|--:|");
            foreach (var callers in Callers)
            {
                var results = appenders.Select(static _ => new List<Stretch>()).ToArray();
                for (var round = 0; round <= rounds; round++)
                {
                    for (var i = 0; i < appenders.Length; i++)
                    {
                        var measured = await Stretch.RunAsync(appenders[i], callers, stretch, server.ProcessId);

                        // The first one also compiles and fills caches.
                        if (round > 0)
                        {
                            results[i].Add(measured);
                        }
                    }
                }

                var (limit, searchableLimit) = (Medians.Of(results[0], static result => result.PerSecond), Medians.Of(results[1], static result => result.PerSecond));
                for (var i = 0; i < appenders.Length; i++)
                {
                    double Of(Func<Stretch, double> figure) => Medians.Of(results[i], figure);
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {callers} | {appenders[i].Name} | {Of(static result => result.PerSecond):N0} | {Of(static result => result.PerSecond) / limit:F2} | {Of(static result => result.PerSecond) / searchableLimit:F2} | {Of(static result => result.Wait(0.5)):N0} | {Of(static result => result.Wait(0.99)):N0} | {Of(static result => result.Cpu):F0} | {Of(static result => result.DatabaseCpu):F0} |"));
                }
            }

            await FollowedLog.RunAsync(await DatabaseAsync(server, "followed"), Path.Combine(folder, "checkpoints-followed"), server.ProcessId, 4 * stretch);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> DatabaseAsync(LocalPostgresServer server, string name)
    {
        await using NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand create = new($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>One stretch of a closed loop.</summary>
    /// <param name="Waits">Microseconds, sorted.</param>
    /// <param name="Cpu">Microseconds of this process for one decision.</param>
    /// <param name="DatabaseCpu">Microseconds of PostgreSQL for one; NaN where it cannot be known.</param>
    private sealed record Stretch(double PerSecond, List<double> Waits, double Cpu, double DatabaseCpu)
    {
        public double Wait(double share) => Waits[(int)Math.Min(Waits.Count - 1, share * Waits.Count)];

        public static async Task<Stretch> RunAsync(IAppender appender, int callers, TimeSpan stretch, int postmaster)
        {
            List<double> waits = [];
            var database = Appending.DatabaseCpu.Microseconds(postmaster);
            var (started, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
            {
                List<double> mine = [];
                while (Stopwatch.GetElapsedTime(started) < stretch)
                {
                    // A dry run: nothing is to follow it.
                    var decision = Sample.Permit(at: TimeProvider.System.GetUtcNow()) with { Outcome = "dry-run", AuthorizedDeployment = null };
                    var asked = Stopwatch.GetTimestamp();
                    await appender.AppendAsync(decision);
                    mine.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
                }

                lock (waits)
                {
                    waits.AddRange(mine);
                }
            })));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            waits.Sort();
            return new Stretch(
                waits.Count / seconds,
                waits,
                (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / waits.Count,
                (Appending.DatabaseCpu.Microseconds(postmaster) - database) / waits.Count ?? double.NaN);
        }
    }
}
