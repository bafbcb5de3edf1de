using Microsoft.Extensions.Logging;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>What the pipeline logs: ids, codes and counts. Never content, at any level. What may name a person is marked, and erased before it is written.</summary>
internal static partial class PipelineLog
{
    [LoggerMessage(1001, LogLevel.Information, "Request {RequestId} refused: {Code}")]
    public static partial void Refused(this ILogger logger, Guid requestId, string code);

    [LoggerMessage(1002, LogLevel.Warning, "Request {RequestId}: attempt at {Deployment} failed: {Failure}")]
    public static partial void AttemptFailed(this ILogger logger, Guid requestId, string deployment, string failure);

    [LoggerMessage(1003, LogLevel.Information, "Request {RequestId}: decided again under {PolicyVersion} before a further attempt")]
    public static partial void DecidedAgain(this ILogger logger, Guid requestId, string policyVersion);

    [LoggerMessage(1004, LogLevel.Error, "Request {RequestId}: {ExceptionType} in step {Step}; nothing further was sent")]
    public static partial void StepFailed(this ILogger logger, Guid requestId, string exceptionType, string step);

    [LoggerMessage(1005, LogLevel.Warning, "Request {RequestId}: stream from {Deployment} broke after its first event: {Failure}")]
    public static partial void StreamBroke(this ILogger logger, Guid requestId, string deployment, string failure);

    [LoggerMessage(1007, LogLevel.Critical, "Break-glass used: request {RequestId} of {App} under ticket {Ticket}, signed by {SignedBy}; rules {Rules}; review it by {ReviewBy}")]
    public static partial void BreakGlassUsed(
        this ILogger logger, Guid requestId, string app, [FreeText] string ticket, [PersonalData] string signedBy, string rules, DateTimeOffset reviewBy);

    [LoggerMessage(1006, LogLevel.Debug, "Request {RequestId}: the caller left")]
    public static partial void CallerLeft(this ILogger logger, Guid requestId);

    [LoggerMessage(1008, LogLevel.Error, "Request {RequestId}: {Deployment} ran it in {Place}; the registry says {Claimed}")]
    public static partial void RanElsewhere(this ILogger logger, Guid requestId, string deployment, string place, string claimed);

    [LoggerMessage(1009, LogLevel.Critical, "{Deployment} is suspended: it ran a request outside its processing regions")]
    public static partial void SuspendedForResidency(this ILogger logger, string deployment);

    [LoggerMessage(1010, LogLevel.Warning, "Request {RequestId}: {Deployment} answered with another model, {Model}")]
    public static partial void AnotherModel(this ILogger logger, Guid requestId, string deployment, string model);
}
