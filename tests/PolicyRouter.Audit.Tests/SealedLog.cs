using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
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

    public Task<AuditLog> OpenAsync() => AuditLog.OpenAsync(
        new AuditLogOptions
        {
            ConnectionString = Database, Shard = shard, Deadline = TimeSpan.FromSeconds(20), Signer = Signer, CheckpointFolder = Checkpoints,
        },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    public Task<VerificationReport> VerifyAsync(string? database = null, bool withKept = true, CheckpointKey? key = null) =>
        new LogVerifier([key ?? Signer.Key], withKept ? [.. CheckpointFolder.ReadAll(Checkpoints)] : []).VerifyDatabaseAsync(database ?? Database, CancellationToken.None);

    /// <summary>Removes the kept checkpoints.</summary>
    public Task CleanAsync()
    {
        Directory.Delete(Checkpoints, recursive: true);
        return Task.CompletedTask;
    }

    private static RequestDecided Event(int number) => number % 3 == 0
        ? Sample.Deny(TimeProvider.System.GetUtcNow())
        : Sample.Permit(at: TimeProvider.System.GetUtcNow(), deployment: $"deployment-{number}") with { AuthorizedDeployment = null, Outcome = "dry-run" };
}
