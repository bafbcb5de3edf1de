using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Tests.Appending;

public sealed class AuditQueueTests
{
    [Fact]
    public async Task OutcomesThatFindNoPlaceInABatch_GoWithTheNext_ThoughNothingElseComes()
    {
        using AuditQueue queue = new(capacity: 100, maxBatch: 4);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(queue.TryAdd(PendingEvent.Outcome(PreparedEvent.From(Sample.End(Guid.CreateVersion7())), TimeProvider.System)));
        }

        // Two make half a batch, which wakes the writer; their time is over, which wakes it again.
        await queue.WaitAsync();
        await queue.WaitAsync();
        var first = queue.Take(all: false);
        queue.Forget(first);
        var second = queue.Take(all: false);

        Assert.Equal((2, 1), (first.Count, second.Count));
    }
}
