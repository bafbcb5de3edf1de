using System.Net;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>Clocks that leap while requests run.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task ClockThatLeaps_IsRefused_UntilItIsRightAgain_AndTheLogStaysInOrderAndVerifies()
    {
        LeapingTime time = new();
        await using var chaos = await ChaosStack.StartAsync(options => (options.Time, options.ClockTolerance) = (time, TimeSpan.FromSeconds(30)));
        List<Guid> answered = [];
        foreach (var minutes in (int[])[0, 10, -10, -20, 10])
        {
            time.Offset = TimeSpan.Zero;
            answered.Add(await AnsweredAsync(chaos));
            var sent = chaos.Gateway.Fleet.Received.Count;

            time.Offset = TimeSpan.FromMinutes(minutes);
            for (var i = 0; i < 3; i++)
            {
                var reply = await chaos.AskAsync(chaos.Question());
                if (minutes == 0)
                {
                    Assert.Equal(HttpStatusCode.OK, reply.Status);
                    answered.Add(reply.DecisionId);
                }
                else
                {
                    Assert.Equal((HttpStatusCode.ServiceUnavailable, "audit_unavailable"), (reply.Status, reply.ErrorCode));
                    Assert.Equal(sent, chaos.Gateway.Fleet.Received.Count);
                }
            }
        }

        time.Offset = TimeSpan.Zero;
        answered.Add(await AnsweredAsync(chaos));
        await chaos.AssertPromisesAsync();

        // The order is that of the indexes; and both times of every event agree, so nothing looks altered.
        Assert.Equal(answered, await chaos.OrderInLogAsync());
        var report = await new LogVerifier([], []).VerifyDatabaseAsync(chaos.Gateway.Stack.ConnectionString, CancellationToken.None);
        Assert.DoesNotContain(report.Faults, static fault => fault.Index is not null);
    }

    [Fact]
    public async Task ClockThatIsSecondsOff_IsServed()
    {
        LeapingTime time = new();
        await using var chaos = await ChaosStack.StartAsync(options => (options.Time, options.ClockTolerance) = (time, TimeSpan.FromSeconds(30)));
        foreach (var seconds in (int[])[10, -10, 0])
        {
            time.Offset = TimeSpan.FromSeconds(seconds);
            Assert.Equal(HttpStatusCode.OK, (await chaos.AskAsync(chaos.Question())).Status);
        }

        await chaos.AssertPromisesAsync();
    }

    /// <summary>The log looks at the clocks again at once, but not before it is asked to.</summary>
    private static async Task<Guid> AnsweredAsync(ChaosStack chaos)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            var reply = await chaos.AskAsync(chaos.Question());
            if (reply.Status == HttpStatusCode.OK)
            {
                return reply.DecisionId;
            }

            Assert.Equal("audit_unavailable", reply.ErrorCode);
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private sealed class LeapingTime : TimeProvider
    {
        private long _offset;

        public TimeSpan Offset { set => Interlocked.Exchange(ref _offset, value.Ticks); }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
    }
}
