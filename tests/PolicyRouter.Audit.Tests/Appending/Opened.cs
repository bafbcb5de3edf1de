using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Tests.Appending;

/// <summary>Logs on tables that somebody else keeps.</summary>
internal static class Opened
{
    public static Task<AuditLog> WithoutSchemaAsync(string database, string shard) => AuditLog.OpenAsync(
        new AuditLogOptions { ConnectionString = database, Shard = shard, Deadline = TimeSpan.FromSeconds(20), CreatesSchema = false, Signer = CheckpointSigner.Create() },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);
}
