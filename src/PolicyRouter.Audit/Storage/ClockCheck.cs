using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Audit.Storage;

/// <summary>
/// Compares our clock with the database's. The order of the log is that of its indexes, whatever clocks say; but both times of an event are evidence, and two clocks that
/// contradict one another make it worthless.
/// </summary>
/// <param name="tolerance">How far they may be apart.</param>
internal sealed class ClockCheck(TimeProvider time, TimeSpan tolerance)
{
    /// <summary>Further apart than this nothing is recorded; <c>audit verify</c> allows as much.</summary>
    public static readonly TimeSpan DefaultTolerance = TimeSpan.FromSeconds(30);

    /// <summary>Further apart than this somebody should look.</summary>
    public static readonly TimeSpan Alarm = TimeSpan.FromSeconds(2);

    private long _apart;

    /// <summary>How far our clock is ahead of the database's, by the last look; what the way there and back took is not counted.</summary>
    public TimeSpan Apart => TimeSpan.FromTicks(Interlocked.Read(ref _apart));

    public TimeSpan Tolerance => tolerance;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Remembers how far they are apart.</summary>
    /// <param name="asked">By our clock, before the database was asked for its own.</param>
    /// <param name="database">What it said; we know of the answer only now.</param>
    public TimeSpan Compare(DateTimeOffset asked, DateTimeOffset database)
    {
        var answered = Now;
        var apart = database < asked ? asked - database : database > answered ? answered - database : TimeSpan.Zero;
        Interlocked.Exchange(ref _apart, apart.Ticks);
        return apart;
    }

    /// <inheritdoc cref="Compare"/>
    /// <exception cref="AuditUnavailableException">They are too far apart.</exception>
    public void Require(DateTimeOffset asked, DateTimeOffset database)
    {
        var apart = Compare(asked, database);
        if (apart.Duration() > tolerance)
        {
            throw new AuditUnavailableException(
                $"This machine's clock and the database's are {apart.Duration().TotalSeconds:0} seconds apart; more than {tolerance.TotalSeconds:0} make the times in the log worthless.");
        }
    }
}
