using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests;

/// <summary>A log on a database of its own, with checkpoints kept in a folder.</summary>
internal sealed class SealedLog(string shard)
{
    public string Database { get; private set; } = "";
    public string Checkpoints { get; } = TestFolder.Create("checkpoints");

    /// <summary>The ids of the events that were recorded, in their order, epoch after epoch.</summary>
    public List<Guid> Recorded { get; } = [];
    public CheckpointSigner Signer { get; } = CheckpointSigner.Create();

    public async Task CreateAsync(int events)
    {
        Database = await PostgresFixture.CreateDatabaseAsync();
        await RecordAsync(events);
    }

    /// <summary>Opens the log, which begins an epoch, and records some events of now.</summary>
    public async Task RecordAsync(int events)
    {
        await using var log = await OpenAsync();
        var half = events / 2;
        for (var i = 0; i < half; i++)
        {
            Recorded.Add((await log.AppendAsync(Event(i), CancellationToken.None)).EventId);
        }

        await log.PublishCheckpointAsync(CancellationToken.None);
        var together = await Task.WhenAll(Enumerable.Range(half, events - half).Select(i => log.AppendAsync(Event(i), CancellationToken.None)));
        Recorded.AddRange(together.OrderBy(static receipt => receipt.Index).Select(static receipt => receipt.EventId));
    }

    /// <param name="other">Another shard of the same database.</param>
    /// <param name="folder">Another place for its checkpoints.</param>
    public Task<AuditLog> OpenAsync(string? other = null, string? folder = null, TimeProvider? time = null, string? database = null) => AuditLog.OpenAsync(
        new AuditLogOptions
        {
            ConnectionString = database ?? Database, Shard = other ?? shard, Deadline = TimeSpan.FromSeconds(20), Signer = Signer, CheckpointFolder = folder ?? Checkpoints,

            // A test that has its own time is not about the database's.
            ClockTolerance = time is null ? ClockCheck.DefaultTolerance : TimeSpan.MaxValue,
        },
        time ?? TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    /// <param name="roots">The folder with kept root checkpoints; null compares none.</param>
    /// <param name="archives">The folder with the archives of retired epochs; null looks at none.</param>
    public Task<VerificationReport> VerifyAsync(string? database = null, bool withKept = true, CheckpointKey? key = null, string? roots = null, string? archives = null) =>
        new LogVerifier([key ?? Signer.Key], withKept ? [.. CheckpointFolder.ReadAll(Checkpoints)] : [], null, roots is null ? null : CheckpointFolder.ReadRoots(roots), archives)
            .VerifyDatabaseAsync(database ?? Database, CancellationToken.None);

    /// <summary>Removes the kept checkpoints.</summary>
    public Task CleanAsync()
    {
        Directory.Delete(Checkpoints, recursive: true);
        return Task.CompletedTask;
    }

    public static RequestDecided Event(int number) => number % 3 == 0
        ? Sample.Deny(TimeProvider.System.GetUtcNow())
        : Sample.Permit(at: TimeProvider.System.GetUtcNow(), deployment: $"deployment-{number}") with { AuthorizedDeployment = null, Outcome = "dry-run" };
}
