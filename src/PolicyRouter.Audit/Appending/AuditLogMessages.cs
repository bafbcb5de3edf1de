using Microsoft.Extensions.Logging;

namespace PolicyRouter.Audit.Appending;

internal static partial class AuditLogMessages
{
    [LoggerMessage(5101, LogLevel.Information, "Audit log open: shard {Shard}, epoch {Epoch}; {Unknown} requests closed as unknown")]
    public static partial void LogOpened(this ILogger logger, string shard, long epoch, int unknown);

    [LoggerMessage(5102, LogLevel.Error, "A batch of {Count} events was not committed ({Kind} {SqlState}); its callers were refused")]
    public static partial void BatchFailed(this ILogger logger, int count, string kind, string sqlState);

    [LoggerMessage(5103, LogLevel.Error, "Audit log fenced, nothing more is recorded by this process: {Why}")]
    public static partial void Fenced(this ILogger logger, string why);

    [LoggerMessage(5104, LogLevel.Information, "Audit log writable again: shard {Shard}, epoch {Epoch}, size {Size}")]
    public static partial void Recovered(this ILogger logger, string shard, long epoch, long size);

    [LoggerMessage(5105, LogLevel.Warning, "Audit database not usable ({Kind} {SqlState}) {Detail}; requests are refused until it is")]
    public static partial void NotReachable(this ILogger logger, string kind, string sqlState, string detail);

    [LoggerMessage(5115, LogLevel.Warning, "This machine's clock is {Seconds} seconds ahead of the audit database's; beyond 30, either way, nothing is recorded")]
    public static partial void ClocksApart(this ILogger logger, double seconds);

    [LoggerMessage(5106, LogLevel.Error, "Outcome of request {RequestId} not kept, it will read unknown ({Total} so far)")]
    public static partial void OutcomeLeft(this ILogger logger, Guid requestId, long total);

    [LoggerMessage(5107, LogLevel.Error, "The database refused event {EventId} ({SqlState})")]
    public static partial void EventRefused(this ILogger logger, Guid eventId, string sqlState);

    [LoggerMessage(5108, LogLevel.Critical, "The audit writer stopped on an unexpected {Kind}; nothing more is recorded by this process")]
    public static partial void WriterFailed(this ILogger logger, string kind, Exception exception);

    [LoggerMessage(5110, LogLevel.Error, "The audit log ended with {Count} outcomes not recorded; their requests will read unknown")]
    public static partial void OutcomesLost(this ILogger logger, int count);

    [LoggerMessage(5111, LogLevel.Critical, "THE AUDIT DATABASE DOES NOT GIVE BACK WHAT WAS RECORDED: shard {Shard}, epoch {Epoch}, first at index {Index}; nothing more is recorded by this process")]
    public static partial void ReadBackMismatch(this ILogger logger, string shard, long epoch, long index);

    [LoggerMessage(5112, LogLevel.Warning, "What was recorded could not be read back ({Kind}); it is tried again")]
    public static partial void NotReadBack(this ILogger logger, string kind);

    [LoggerMessage(5113, LogLevel.Error, "A checkpoint of the audit log was not kept by {Place} ({Kind}) {Detail}; it is tried again every second")]
    public static partial void CheckpointNotKept(this ILogger logger, string place, string kind, string detail);

    [LoggerMessage(5114, LogLevel.Warning, "No checkpoint folder is configured: a database that goes back in time is not noticed at the next start")]
    public static partial void NoCheckpointFolder(this ILogger logger);

    [LoggerMessage(5115, LogLevel.Information, "A month has begun: shard {Shard} goes on in epoch {Epoch}")]
    public static partial void RolledOver(this ILogger logger, string shard, long epoch);

    [LoggerMessage(5109, LogLevel.Information, "Audit log closed: shard {Shard}, epoch {Epoch}, size {Size}")]
    public static partial void LogClosed(this ILogger logger, string shard, long epoch, long size);
}
