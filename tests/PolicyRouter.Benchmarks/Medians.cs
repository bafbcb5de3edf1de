namespace PolicyRouter.Benchmarks;

/// <summary>The middle of measured values; of an even number of them the upper of the two.</summary>
internal static class Medians
{
    public static double Of(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    public static double Of<T>(IReadOnlyCollection<T> measured, Func<T, double> figure) => measured.Select(figure).Order().ElementAt(measured.Count / 2);
}
