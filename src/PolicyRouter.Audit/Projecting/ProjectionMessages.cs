using Microsoft.Extensions.Logging;

namespace PolicyRouter.Audit.Projecting;

internal static partial class ProjectionMessages
{
    [LoggerMessage(5120, LogLevel.Information, "Shard {Shard} keeps the projections of the audit log now")]
    public static partial void Leads(this ILogger logger, string shard);

    [LoggerMessage(5121, LogLevel.Information, "Shard {Shard} no longer keeps the projections of the audit log")]
    public static partial void LeadsNoMore(this ILogger logger, string shard);

    [LoggerMessage(5122, LogLevel.Warning, "Projections of the audit log: {Message} ({Kind} {SqlState}); {Held} more like this were not shown. Requests are not affected")]
    public static partial void DaemonSays(this ILogger logger, string message, string kind, string sqlState, int held);

    [LoggerMessage(5123, LogLevel.Warning, "How far the projections of the audit log are behind cannot be asked ({Kind}); requests are not affected")]
    public static partial void StandingUnknown(this ILogger logger, string kind);

    [LoggerMessage(5124, LogLevel.Warning, "The projections of the audit log did not stop in time; the database frees their locks when the process ends")]
    public static partial void StopsLate(this ILogger logger);
}
