using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>What the host logs about itself.</summary>
internal static partial class HostLog
{
    [LoggerMessage(5001, LogLevel.Information, "Not ready any more; the listeners close in {Seconds} s")]
    public static partial void Draining(this ILogger logger, double seconds);

    [LoggerMessage(5003, LogLevel.Error, "Request {RequestId} failed: {ExceptionType}")]
    public static partial void RequestFailed(this ILogger logger, Guid requestId, string exceptionType);

    [LoggerMessage(5002, LogLevel.Information, "Data plane on {DataPlane}, control plane on {ControlPlane}")]
    public static partial void Listening(this ILogger logger, string dataPlane, string controlPlane);
}
