using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>What is logged about hand-offs: ids, codes and counts.</summary>
internal static partial class HandOffLog
{
    [LoggerMessage(6001, LogLevel.Error, "Request {RequestId} was handed off and did not arrive: {Failure} after {Posts} posts; somebody has to look for its caller")]
    public static partial void DeadLettered(this ILogger logger, Guid requestId, string failure, int posts);

    [LoggerMessage(6002, LogLevel.Error, "Request {RequestId}: {ExceptionType} while it was handed off")]
    public static partial void HandOffFailed(this ILogger logger, Guid requestId, string exceptionType);

    [LoggerMessage(6003, LogLevel.Error, "{Count} hand-offs were under way when the time to stop was over; the next start records them as unknown")]
    public static partial void HandOffsLeft(this ILogger logger, int count);
}
