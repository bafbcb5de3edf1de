namespace PolicyRouter.Gateway.Resilience.Drifting;

/// <summary>A moving average in which a sample loses its weight with time: to a third after one time constant. Not thread-safe.</summary>
internal sealed class DecayingAverage(TimeProvider time, TimeSpan timeConstant)
{
    private double _sum;
    private double _weight;
    private long _at;

    /// <summary>Null before the first sample. Without new samples it stays what it was.</summary>
    public double? Value => _weight > 0 ? _sum / _weight : null;

    /// <summary>How many samples it stands on, old ones counted by what weight they have left.</summary>
    public double Volume => _weight * DecaySince();

    public void Add(double sample)
    {
        var decay = DecaySince();
        _sum = (_sum * decay) + sample;
        _weight = (_weight * decay) + 1;
        _at = time.GetTimestamp();
    }

    public void Clear() => (_sum, _weight) = (0, 0);

    private double DecaySince() => _weight == 0 ? 0 : Math.Exp(-(time.GetElapsedTime(_at) / timeConstant));
}
