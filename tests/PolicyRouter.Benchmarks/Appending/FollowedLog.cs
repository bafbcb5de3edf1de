using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Tests;

namespace PolicyRouter.Benchmarks.Appending;

/// <summary>How far the sums are behind a log that takes a steady rate of permits, each with its end, and what keeping them costs: a stretch without the daemon, then one with it.</summary>
internal static class FollowedLog
{
    private const int PerSecond = 1_000;
    private const int EventsPerRequest = 2;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(string database, string checkpoints, int postmaster, TimeSpan stretch)
    {
        await using var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = database, Shard = "followed", Deadline = TimeSpan.FromMinutes(1), Signer = CheckpointSigner.Create(), CheckpointFolder = checkpoints },
            TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await RequestsAsync(log, stretch / 4);
        var alone = await CostAsync(() => RequestsAsync(log, stretch), postmaster);
        await using var projections = await AuditProjections.StartAsync(database, "followed", TimeProvider.System, NullLoggerFactory.Instance);
        await CaughtUpAsync(database);
        List<(long Events, TimeSpan Time)> behind = [];
        using CancellationTokenSource ended = new();
        var watching = WatchAsync(database, behind, ended.Token);
        var followed = await CostAsync(() => RequestsAsync(log, stretch), postmaster);
        await ended.CancelAsync();
        await watching;
        var stopped = Stopwatch.GetTimestamp();
        await CaughtUpAsync(database);

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nThe sums behind a log with {PerSecond:N0} requests a second, {EventsPerRequest} events each, for {stretch.TotalSeconds:F0} s: {Medians.Of(behind, static one => one.Events):N0} events behind at the median, {behind.Max(static one => one.Events):N0} at most; {Medians.Of(behind, static one => one.Time.TotalSeconds):F1} s at the median, {behind.Max(static one => one.Time.TotalSeconds):F1} s at most; caught up {Stopwatch.GetElapsedTime(stopped).TotalSeconds:F1} s after the end. CPU us per event: {followed.Process - alone.Process:F0} of this process and {followed.Database - alone.Database:F0} of PostgreSQL, on top of {alone.Process:F0} and {alone.Database:F0} for recording."));
    }

    /// <summary>Permits at the rate, however long each takes, and their ends.</summary>
    /// <returns>How many requests there were.</returns>
    private static async Task<int> RequestsAsync(AuditLog log, TimeSpan stretch)
    {
        List<Task> asked = [];
        var started = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(Tick);
        while (Stopwatch.GetElapsedTime(started) < stretch)
        {
            await timer.WaitForNextTickAsync();
            while (asked.Count < Stopwatch.GetElapsedTime(started).TotalSeconds * PerSecond)
            {
                asked.Add(RequestAsync(log));
            }
        }

        await Task.WhenAll(asked);
        return asked.Count;
    }

    private static async Task RequestAsync(AuditLog log)
    {
        var decided = Sample.Permit(at: TimeProvider.System.GetUtcNow());
        await log.AppendAsync(decided, CancellationToken.None);
        log.AppendOutcome(Sample.End(decided.Id) with { At = TimeProvider.System.GetUtcNow() });
    }

    /// <returns>Microseconds per event.</returns>
    private static async Task<(double Process, double Database)> CostAsync(Func<Task<int>> requests, int postmaster)
    {
        var (database, process) = (DatabaseCpu.Microseconds(postmaster), Environment.CpuUsage.TotalTime);
        var events = EventsPerRequest * await requests();
        return ((Environment.CpuUsage.TotalTime - process).TotalMicroseconds / events, (DatabaseCpu.Microseconds(postmaster) - database) / events ?? double.NaN);
    }

    private static async Task WatchAsync(string database, List<(long Events, TimeSpan Time)> behind, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(LookEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                behind.Add(await BehindAsync(database));
            }
        }
        catch (OperationCanceledException)
        {
            // The stretch is over.
        }
    }

    private static async Task CaughtUpAsync(string database)
    {
        using PeriodicTimer timer = new(LookEvery);
        while ((await BehindAsync(database)).Events > 0)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Of the projection that is furthest behind.</summary>
    private static async Task<(long Events, TimeSpan Time)> BehindAsync(string database)
    {
        await using NpgsqlConnection connection = new(database);
        await connection.OpenAsync();
        (long Events, TimeSpan Time) most = default;
        foreach (var projection in ProjectionNames.All)
        {
            var standing = await ProjectionStanding.ReadAsync(connection, null, projection, CancellationToken.None);
            var time = standing.Behind == 0 ? TimeSpan.Zero : TimeProvider.System.GetUtcNow() - standing.AsOf;
            most = (Math.Max(most.Events, standing.Behind), time > most.Time ? time : most.Time);
        }

        return most;
    }
}
