using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Exporting;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;
using PolicyRouter.Audit.Tests;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Testing;

namespace PolicyRouter.Benchmarks;

/// <summary>What the seal of the audit log costs a decision, and how fast a log is recomputed. Compare within one run only.</summary>
internal static class SealingFigures
{
    private const int Callers = 64;
    private const int Batch = 64;

    /// <param name="events">Events in the log that is verified.</param>
    /// <param name="rounds">Measurements; the median counts.</param>
    public static async Task RunAsync(int events, int rounds)
    {
        var decided = Sample.Permit(at: TimeProvider.System.GetUtcNow());
        PreparedEvent[] batch = [.. Enumerable.Range(0, Batch).Select(_ => PreparedEvent.From(decided with { Id = Guid.CreateVersion7() }))];
        var signer = CheckpointSigner.Create();
        LogName name = new(AuditLogOptions.DefaultOrigin, "benchmark", 1);
        var head = ShardHead.Empty("benchmark", 1);
        var write = Median(rounds, 20_000, () => PreparedEvent.From(decided));
        var seal = Median(rounds, 1_000, () => head = head.Advance(batch).To) / Batch;
        var sign = Median(rounds, 1_000, () => SignedCheckpoint.Sign(name, head.Size, head.Root, decided.At, signer));

        Console.WriteLine("| what | figure |");
        Console.WriteLine("|---|--:|");
        Line("an event's canonical JSON, bytes", batch[0].Bytes.Length);
        Line("writing it, us of CPU", write);
        Line($"its leaf hash, its place in the tree and its share of a root in a batch of {Batch}, us of CPU", seal);
        Line("one signed checkpoint (one a second), us of CPU", sign);
        await MeasureLogAsync(events, rounds, signer, seal);
    }

    private static async Task MeasureLogAsync(int events, int rounds, CheckpointSigner signer, double seal)
    {
        var folder = TestFolder.Create("sealing");
        var database = await PostgresFixture.CreateDatabaseAsync();
        AuditLogOptions options = new()
        {
            ConnectionString = database, Shard = "benchmark", Deadline = TimeSpan.FromMinutes(1), Signer = signer, CheckpointFolder = folder,
        };
        Pass append;
        await using (var log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None))
        {
            append = await Pass.RunAsync(events, () => Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; i < events / Callers; i++)
                {
                    var now = TimeProvider.System.GetUtcNow();
                    await log.AppendAsync(Sample.Permit(at: now) with { Outcome = "dry-run", AuthorizedDeployment = null }, CancellationToken.None);
                }
            }))));
        }

        Line($"decisions made durable per second by {Callers} callers, everything included", append.PerSecond);
        Line("CPU of this process for one of them, us", append.Cpu);
        Line("the seal's share of that, %", 100 * seal / append.Cpu);

        var export = Path.Combine(folder, "export.ndjson");
        List<Pass> verified = [], exported = [], reverified = [];
        var kept = CheckpointFolder.ReadAll(folder);
        for (var round = 0; round < rounds; round++)
        {
            verified.Add(await Pass.RunAsync(events, async () => Require(await new LogVerifier([signer.Key], kept).VerifyDatabaseAsync(database, CancellationToken.None))));
            exported.Add(await Pass.RunAsync(events, async () =>
            {
                await using var file = File.Create(export);
                await HistoryExport.WriteAsync(database, ExportFormat.Ndjson, null, null, TimeProvider.System.GetUtcNow(), file, null, CancellationToken.None);
            }));
            reverified.Add(await Pass.RunAsync(events, async () =>
            {
                await using var file = File.OpenRead(export);
                Require(await new LogVerifier([signer.Key], kept).VerifyExportAsync(file, CancellationToken.None));
            }));
        }

        Lines("verified, from the database with every column", verified);
        Lines("exported as NDJSON", exported);
        Lines("verified, from the export", reverified);
        Directory.Delete(folder, recursive: true);
    }

    private static void Require(VerificationReport report)
    {
        if (!report.Verifies)
        {
            throw new InvalidOperationException(report.Faults[0].What);
        }
    }

    private static void Lines(string what, List<Pass> passes)
    {
        Line($"entries {what}, per second", Medians.Of(passes.ConvertAll(static pass => pass.PerSecond)));
        Line($"CPU of this process for an entry {what}, us", Medians.Of(passes.ConvertAll(static pass => pass.Cpu)));
    }

    /// <summary>Microseconds of CPU for one run.</summary>
    private static double Median(int rounds, int runs, Func<object> run)
    {
        List<double> measured = [];
        for (var round = 0; round <= rounds; round++)
        {
            var before = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < runs; i++)
            {
                run();
            }

            // The first one also compiles.
            if (round > 0)
            {
                measured.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / runs);
            }
        }

        return Medians.Of(measured);
    }

    private static void Line(string what, double figure) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {(figure < 100 ? figure.ToString("0.0", CultureInfo.InvariantCulture) : figure.ToString("N0", CultureInfo.InvariantCulture))} |"));

    /// <summary>One pass over a log.</summary>
    /// <param name="PerSecond">Entries by the clock, which other work on the machine slows.</param>
    /// <param name="Cpu">Microseconds of this process's CPU for an entry; that of PostgreSQL is not in it.</param>
    private sealed record Pass(double PerSecond, double Cpu)
    {
        public static async Task<Pass> RunAsync(int entries, Func<Task> run)
        {
            var (started, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await run();
            return new Pass(entries / Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / entries);
        }
    }
}
