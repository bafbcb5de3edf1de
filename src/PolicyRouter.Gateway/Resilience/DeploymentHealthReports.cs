using PolicyRouter.Gateway.Control;
using PolicyRouter.Gateway.Resilience.Drifting;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>What operators see of a deployment's health.</summary>
internal static class DeploymentHealthReports
{
    public static DeploymentHealthReport Of(HealthBoard board) => (deployment, endpoint) =>
    {
        var health = board.Of(deployment.Id);
        var (condition, why) = health.Drift.State;
        var domains = (endpoint?.FailsWith ?? []).Select(board.Domain).ToList();
        return new
        {
            breaker = health.State,
            domains = domains.ToDictionary(static domain => domain.Name, static domain => domain.State, StringComparer.Ordinal),
            condition = condition.ToString().ToLowerInvariant(),
            why,
            slowStartShare = Math.Round(domains.Select(static domain => domain.SlowStart.Share).Append(health.SlowStart.Share).Min(), 2),
            retriesLeft = board.Budget(deployment.Provider).Left,
            firstByteMs = Math.Round(health.FirstByteMs, 1),
            averages = health.Drift.Report().Where(static report => report.Now is not null).ToDictionary(
                static report => NameOf(report.Concern),
                static report => new { now = Rounded(report.Now), usual = Rounded(report.Usual), samples = Rounded(report.Volume) },
                StringComparer.Ordinal),
        };
    };

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 3) : null;

    private static string NameOf(Concern concern) => concern switch
    {
        Concern.FirstToken => "firstTokenMs",
        Concern.Token => "tokenMs",
        Concern.WholeToken => "wholeAnswerTokenMs",
        Concern.Errors => "errors",
        Concern.Truncated => "truncated",
        Concern.Empty => "empty",
        Concern.Refusals => "refusals",
        Concern.OtherModel => "otherModel",
        _ => "brokenStreams",
    };
}
