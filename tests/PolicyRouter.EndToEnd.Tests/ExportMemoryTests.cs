using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Npgsql;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Benchmarks.History;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>What an export of the gateway keeps in memory does not grow with the log: live bytes after forced collections while it runs.</summary>
[Collection(AloneCollection.Name)]
public sealed class ExportMemoryTests
{
    private const int Few = 5_000;
    private const int Many = 10 * Few;
    private const long MiB = 1_048_576;
    private const long SampleEvery = 8 * MiB;

    // A page of entries and the buffers on the way are below a megabyte or two; whoever keeps the file keeps 900 bytes an event, 40 MiB.
    private const long Allowance = 8 * MiB;

    // Parquet holds a group of 2,000 rows on purpose, and some of the arrays that encoded one stay with the library: bounded, but not the same each time.
    // All rows at once would be 150 MiB and more.
    private const long GroupAllowance = 64 * MiB;

    private const long LeastBytesPerEvent = 500;

    [Fact]
    public async Task TenTimesTheEvents_AreExportedInTheSameMemory()
    {
        var few = await PeaksAsync(Few);
        var many = await PeaksAsync(Many);

        Assert.All(few.Zip(many), static pair =>
        {
            var (small, large) = pair;
            var growth = large.Peak - small.Peak;
            var allowed = large.Format == "parquet" ? GroupAllowance : Allowance;
            Assert.True(growth < allowed, string.Create(
                CultureInfo.InvariantCulture,
                $"{large.Format}: {small.Peak / MiB} MiB at most for {Few} events, {large.Peak / MiB} MiB for {Many} ({large.Bytes / MiB} MiB of file, {large.Samples} samples); {allowed / MiB} more are allowed."));
        });
    }

    /// <summary>The most that each format kept above what was there before it.</summary>
    private static async Task<IReadOnlyList<Memory>> PeaksAsync(int events)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await LongHistory.FillAsync(database, events, CancellationToken.None);
        await LongHistory.SealAsync(database, CheckpointSigner.Create(), CancellationToken.None);
        await SkipSumsAsync(database);
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.ConnectionString = database);
        List<Memory> peaks = [];
        foreach (var format in new[] { "ndjson", "csv", "parquet" })
        {
            var peak = await ExportAsync(gateway, format);
            if (format != "parquet")
            {
                Assert.InRange(peak.Lines, events, events + (events / 10));
                Assert.True(peak.Bytes > events * LeastBytesPerEvent);
            }

            peaks.Add(peak);
        }

        return peaks;
    }

    private static async Task<Memory> ExportAsync(GatewayUnderTest gateway, string format)
    {
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(gateway.ControlPlane, $"/api/export?format={format}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token("auditor"));
        Sampler memory = new();
        var asked = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        // Parquet is complete before its first byte leaves: what it takes is seen here.
        using PeriodicTimer often = new(TimeSpan.FromMilliseconds(200));
        while (!asked.IsCompleted)
        {
            memory.Sample();
            await often.WaitForNextTickAsync();
        }

        using var answer = await asked;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[65_536];
        var (bytes, lines, next) = (0L, 0L, 0L);
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            bytes += read;
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            if (bytes >= next)
            {
                // Nobody reads meanwhile, so the gateway stands still in the middle of the log.
                memory.Sample();
                next = bytes + SampleEvery;
            }
        }

        return new Memory(format, memory.Peak, memory.Samples, bytes, lines);
    }

    /// <summary>The sums are not what is measured here: they are said to be up to date.</summary>
    private static async Task SkipSumsAsync(string database)
    {
        await using NpgsqlConnection connection = new(database);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(
            """
            INSERT INTO audit.mt_event_progression (name, last_seq_id) SELECT name, (SELECT max(seq_id) FROM audit.mt_events) FROM unnest($1) AS name
            ON CONFLICT (name) DO UPDATE SET last_seq_id = excluded.last_seq_id
            """,
            connection);
        command.Parameters.AddWithValue(
            new[] { "HighWaterMark", ProjectionStanding.ProgressName(ProjectionNames.Usage), ProjectionStanding.ProgressName(ProjectionNames.Disclosures) });
        await command.ExecuteNonQueryAsync();
    }

    private sealed record Memory(string Format, long Peak, int Samples, long Bytes, long Lines);

    private sealed class Sampler
    {
        private readonly long _before = LiveMemory.Bytes();

        public long Peak { get; private set; }
        public int Samples { get; private set; }

        public void Sample()
        {
            Peak = Math.Max(Peak, LiveMemory.Bytes() - _before);
            Samples++;
        }
    }
}
