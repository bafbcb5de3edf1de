using System.Net;
using PolicyRouter.Audit.Reading;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>Clocks that leap while requests run.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task ClockThatLeaps_NeitherRefusesNorLoses_AndTheOrderOfTheLogIsThatOfItsIndexes()
    {
        LeapingTime time = new();
        await using var chaos = await ChaosStack.StartAsync(options => options.Time = time);
        List<Guid> asked = [];
        foreach (var minutes in (int[])[0, 10, -10, -20, 0, 10])
        {
            time.Offset = TimeSpan.FromMinutes(minutes);
            for (var i = 0; i < 3; i++)
            {
                var reply = await chaos.AskAsync(chaos.Question());
                Assert.Equal(HttpStatusCode.OK, reply.Status);
                asked.Add(reply.DecisionId);
            }
        }

        await chaos.AssertPromisesAsync();
        await using var history = AuditHistory.Open(chaos.Gateway.Stack.ConnectionString);
        List<Guid> paged = [];
        string? cursor = null;
        do
        {
            var page = await history.QueryAsync(new HistoryQuery { Limit = 4, Cursor = cursor }, CancellationToken.None);
            paged.AddRange(page.Decisions.Select(static decision => decision.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        // Whatever their times say, each is there once; and the log itself has them in the order in which they came.
        Assert.Equal(asked.Order(), paged.Order());
        Assert.Equal(asked, await chaos.OrderInLogAsync());
    }

    private sealed class LeapingTime : TimeProvider
    {
        private long _offset;

        public TimeSpan Offset { set => Interlocked.Exchange(ref _offset, value.Ticks); }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
    }
}
