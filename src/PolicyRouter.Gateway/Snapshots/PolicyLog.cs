using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Snapshots;

/// <summary>What is logged about policies: versions, places and codes, never the text of a file.</summary>
internal static partial class PolicyLog
{
    [LoggerMessage(2001, LogLevel.Information, "Policy {PolicyVersion} is in force; before it: {PreviousVersion}")]
    public static partial void Activated(this ILogger logger, string policyVersion, string previousVersion);

    [LoggerMessage(2002, LogLevel.Error, "Policy fault: {Fault}")]
    public static partial void Fault(this ILogger logger, string fault);

    [LoggerMessage(2003, LogLevel.Error, "The policy folder was refused for {Faults} faults; in force: {PolicyVersion}")]
    public static partial void Refused(this ILogger logger, int faults, string policyVersion);

    [LoggerMessage(2004, LogLevel.Error, "A policy change could not be recorded, so it was not made; it is tried again")]
    public static partial void NotRecorded(this ILogger logger);

    [LoggerMessage(2006, LogLevel.Warning, "Paper: {Notice}")]
    public static partial void Paper(this ILogger logger, string notice);

    [LoggerMessage(2005, LogLevel.Error, "The policy folder could not be looked at: {ExceptionType}; it is tried again")]
    public static partial void LookFailed(this ILogger logger, string exceptionType);
}
