using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Reporting;

/// <summary>What became of a decided request. Every one has exactly one fate; <c>docs/audit.md</c> says the same in a table.</summary>
public enum RequestFate
{
    /// <summary>A permitted provider answered to the end.</summary>
    Answered,

    /// <summary>The policy permits somebody, and no answer came: a failure for want of a provider.</summary>
    Unserved,

    /// <summary>The same, and people took it on.</summary>
    HandedOff,

    /// <summary>The answer broke off after its first byte.</summary>
    Broken,

    /// <summary>The process died before it could record an end. Nobody can show that it was answered, so it counts as lost.</summary>
    Unknown,

    /// <summary>The provider called the request itself invalid.</summary>
    CallersFault,

    /// <summary>The caller hung up while nothing had failed.</summary>
    CallerLeft,

    /// <summary>The policy, or a check of what came with the request, said no.</summary>
    Refused,
    DryRun,

    /// <summary>No end is recorded yet.</summary>
    Open,
}

/// <summary>Reads fates from recorded events.</summary>
internal static class RequestFates
{
    private const string Suspended = "suspended";
    private const string PolicyUnavailable = "policy_unavailable";

    public static RequestFate Of(RequestDecided decided, RequestCompleted? end) => decided.Outcome switch
    {
        "dry-run" => RequestFate.DryRun,
        "deny" => IsWithheld(decided) ? RequestFate.Unserved : RequestFate.Refused,
        _ => end?.Outcome switch
        {
            null => RequestFate.Open,
            "completed" => RequestFate.Answered,
            "handed-off" => RequestFate.HandedOff,
            "incomplete" => RequestFate.Broken,

            // Whoever gives up after an attempt has failed was not served; whoever leaves an answer that runs was.
            "cancelled" => end.Deployment is null && AttemptFailure.Of(end).Any(static failed => failed.IsProviders) ? RequestFate.Unserved : RequestFate.CallerLeft,
            // Recorded too late: the caller was refused, and nothing was sent.
            PendingEvent.NotSent => RequestFate.Unserved,
            "failed" => end.HttpStatus is >= 400 and < 500 ? RequestFate.CallersFault : RequestFate.Unserved,
            _ => RequestFate.Unknown,
        },
    };

    /// <summary>Why a request is counted as lost: a refusal code, <c>suspended</c>, <c>status_503</c>, or how it ended.</summary>
    public static string Loss(RequestDecided decided, RequestCompleted? end) =>
        decided.RefusalCode is { } code ? code == PolicyUnavailable ? code : Suspended
        : end is { Outcome: "failed", HttpStatus: { } status } ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"status_{status}")
        : end?.Outcome ?? "unknown";

    /// <summary>
    /// Refused although the rules permit somebody: an operator, or the registry, has suspended who could have had it, or the policy could not be confirmed
    /// for too long. Whoever asked lacks a provider, whatever the reason.
    /// </summary>
    private static bool IsWithheld(RequestDecided decided) =>
        decided.RefusalCode == PolicyUnavailable
        || (decided.RefusalCode == "no_permitted_provider" && decided.Unsuitable.Any(static other => other.Rules.Contains(Suspended, StringComparer.Ordinal)));
}
