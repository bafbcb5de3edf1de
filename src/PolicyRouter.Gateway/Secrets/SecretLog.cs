using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>What is logged about secrets: references and kinds of failure.</summary>
internal static partial class SecretLog
{
    [LoggerMessage(4001, LogLevel.Warning, "{Reference} could not be read ({Reason}); a value read before is in use: {HasLastGood}")]
    public static partial void SecretUnavailable(this ILogger logger, string reference, string reason, bool hasLastGood);
}
