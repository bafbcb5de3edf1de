using System.Globalization;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>How long the fault tests go on: a few kills in every run, many when <c>POLICYROUTER_FAULT_KILLS</c> says so.</summary>
internal static class Campaign
{
    /// <param name="few">In a run that asks for nothing.</param>
    public static int Kills(int few) =>
        int.TryParse(Environment.GetEnvironmentVariable("POLICYROUTER_FAULT_KILLS"), CultureInfo.InvariantCulture, out var many) && many > 0 ? many : few;
}

/// <summary>Times of one kind, for a report.</summary>
internal sealed class Times(string what)
{
    private readonly List<TimeSpan> _times = [];

    public void Add(TimeSpan time) => _times.Add(time);

    public override string ToString()
    {
        var sorted = _times.Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{what}: median {sorted[sorted.Count / 2].TotalSeconds:0.0} s, longest {sorted[^1].TotalSeconds:0.0} s");
    }
}
