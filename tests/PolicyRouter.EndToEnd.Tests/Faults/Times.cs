using System.Globalization;

namespace PolicyRouter.EndToEnd.Tests.Faults;

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
