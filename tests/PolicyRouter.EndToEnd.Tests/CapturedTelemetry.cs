using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Every activity of every source in this process and every measurement of every meter, with all that they carry.</summary>
internal sealed class CapturedTelemetry : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters;

    public CapturedTelemetry()
    {
        _activities = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                _lines.Enqueue($"{activity.Source.Name} {activity.DisplayName} {activity.StatusDescription} {Text(activity.TagObjects)} {Text(activity.Baggage)}");
                foreach (var happened in activity.Events)
                {
                    _lines.Enqueue($"{activity.Source.Name} {happened.Name} {Text(happened.Tags)}");
                }
            },
        };
        ActivitySource.AddActivityListener(_activities);
        _meters = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        Measure<byte>();
        Measure<short>();
        Measure<int>();
        Measure<long>();
        Measure<float>();
        Measure<double>();
        Measure<decimal>();
        _meters.Start();
    }

    /// <summary>Asks the gauges once more and gives all that was captured.</summary>
    public string Read()
    {
        _meters.RecordObservableInstruments();
        return string.Join('\n', _lines);
    }

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    private void Measure<T>()
        where T : struct => _meters.SetMeasurementEventCallback<T>((instrument, value, tags, _) => _lines.Enqueue($"{instrument.Meter.Name} {instrument.Name} {value} {Text(tags.ToArray())}"));

    private static string Text<T>(IEnumerable<KeyValuePair<string, T>> tags) => string.Join(' ', tags.Select(static tag => $"{tag.Key}={tag.Value}"));
}
