using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Benchmarks.Appending;

/// <summary>The audit log as a gateway runs it: Marten events, Merkle tree, query rows, checkpoints every second, reading back.</summary>
internal sealed class SealedLog(AuditLog log) : IAppender
{
    public string Name => "audit log, sealed";

    public static async Task<SealedLog> StartAsync(string database, string checkpoints) => new(await AuditLog.OpenAsync(
        new AuditLogOptions
        {
            ConnectionString = database, Shard = "benchmark", Deadline = TimeSpan.FromMinutes(1), Signer = CheckpointSigner.Create(), CheckpointFolder = checkpoints,
        },
        TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None));

    public Task AppendAsync(RequestDecided decision) => log.AppendAsync(decision, CancellationToken.None);

    public ValueTask DisposeAsync() => log.DisposeAsync();
}
