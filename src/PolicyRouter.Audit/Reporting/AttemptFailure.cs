using System.Globalization;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Reporting;

/// <summary>An attempt that gave no whole answer.</summary>
/// <param name="Code"><c>status_401</c>, <c>first_token_timeout</c>, ...; <see cref="BrokenAnswer"/> for an answer that broke off.</param>
internal readonly record struct AttemptFailure(string Deployment, string Code)
{
    public const string BrokenAnswer = "broken_answer";
    private const string Unstated = "unstated";
    private const string Status = "status_";

    /// <summary>
    /// True when the failure speaks about the provider: the same ones for which the gateway's breakers open. Not what the request itself brought about, and
    /// not what was never sent.
    /// </summary>
    public bool IsProviders => IsProvidersFailure(Code);

    /// <summary>The attempts of a request that gave no whole answer, in order.</summary>
    public static IEnumerable<AttemptFailure> Of(RequestCompleted end)
    {
        foreach (var failure in end.Failures)
        {
            var space = failure.LastIndexOf(' ');
            yield return space < 0 ? new(failure, Unstated) : new(failure[..space], failure[(space + 1)..]);
        }

        if (end is { Outcome: "incomplete", Deployment: { } broken })
        {
            yield return new(broken, BrokenAnswer);
        }
    }

    public static bool IsProvidersFailure(string code) => code switch
    {
        "request_not_carried" or "suspended" or "at_capacity" or "breaker_open" => false,
        _ => !code.StartsWith(Status, StringComparison.Ordinal)
            || !int.TryParse(code.AsSpan(Status.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            || status is 401 or 403 or 404 or 408 or 424 or 429 or >= 500,
    };
}
