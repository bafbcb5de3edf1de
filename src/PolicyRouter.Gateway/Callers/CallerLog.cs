using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Callers;

/// <summary>What is logged about callers and their issuer: counts and fixed words, never a token or a part of one.</summary>
internal static partial class CallerLog
{
    [LoggerMessage(3001, LogLevel.Information, "The issuer's signing keys changed; {Keys} are known now")]
    public static partial void IssuerKeysChanged(this ILogger logger, int keys);

    [LoggerMessage(3002, LogLevel.Warning, "The issuer's signing keys could not be fetched: {Reason}")]
    public static partial void IssuerUnavailable(this ILogger logger, string reason);
}
