using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace PolicyRouter.Gateway.Tests.HandingOff;

/// <summary>A clock of the test's that tells of every wait that begins on it, but for those of the lengths that are deadlines.</summary>
internal sealed class PausingTime(params TimeSpan[] deadlines) : FakeTimeProvider(new DateTimeOffset(2026, 4, 28, 9, 0, 0, TimeSpan.Zero))
{
    private readonly Channel<TimeSpan> _pauses = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>How long the next wait is to be; it has begun when this returns.</summary>
    public async Task<TimeSpan> NextPauseAsync() => await _pauses.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && !deadlines.Contains(dueTime))
        {
            _pauses.Writer.TryWrite(dueTime);
        }

        return timer;
    }
}
