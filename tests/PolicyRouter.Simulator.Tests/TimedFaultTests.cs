using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class TimedFaultTests : FleetTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 4, 28, 9, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Time => _time;

    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.OpenAi, FleetOf.Azure, FleetOf.Anthropic];

    [Theory]
    [CombinedWires(0, 1)]
    public async Task ASlowFirstToken_ArrivesWhenItsTimeHasCome_AndNotBefore(ProviderWire wire, int stream)
    {
        var provider = Fleet.Of(wire);
        provider.Behave(Fault.SlowFirstToken(TimeSpan.FromSeconds(20)));
        var asking = Client.AskAsync(provider, "hello", stream == 1);
        var received = await provider.WaitForAsync(request => request.IsWaiting);

        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.Null(received.Status);
        Assert.False(asking.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        using var response = await asking;
        Assert.Contains("hello", stream == 1 ? SseEvent.TextOf(await Talk.EventsAsync(response)) : Talk.TextOf(await Talk.JsonAsync(response)), StringComparison.Ordinal);
        Assert.Equal(_time.Start, received.ReceivedAt);
    }

    [Fact]
    public async Task SlowTokens_ComeOneByOneAsTheClockAdvances()
    {
        Provider.Behave(Fault.SlowTokens(TimeSpan.FromSeconds(1)));
        using var response = await Client.AskAsync(Provider, "hi", stream: true);
        var reading = Talk.EventsAsync(response);
        var received = await Provider.WaitForAsync(request => request.IsWaiting);
        var steps = 0;
        while (!received.Answered)
        {
            await Provider.WaitForAsync(request => request.IsWaiting || request.Answered);
            if (received.IsWaiting)
            {
                Assert.False(reading.IsCompleted);
                _time.Advance(TimeSpan.FromSeconds(1));
                steps++;
                await Provider.WaitForAsync(request => !request.IsWaiting || request.Answered || request.WaitCount > steps);
            }
        }

        var pieces = (await reading).Count(item => item.Data.Contains("\"delta\":{\"content\":", StringComparison.Ordinal));
        Assert.Equal(pieces - 1, steps);
    }

    [Fact]
    public async Task AClientThatLeavesDuringADelay_IsSeen_WithoutTheClockMoving()
    {
        Provider.Behave(Fault.SlowFirstToken(TimeSpan.FromHours(1)));
        using CancellationTokenSource leave = new();
        var asking = Client.AskAsync(Provider, "hello", cancellationToken: leave.Token);
        var received = await Provider.WaitForAsync(request => request.IsWaiting);

        await leave.CancelAsync();

        await received.AbortSeen.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task AnswersAreDatedByTheClockOfTheFleet()
    {
        using var response = await Client.AskAsync(Provider, "hello");

        Assert.Equal(_time.Start.ToUnixTimeSeconds(), (await Talk.JsonAsync(response)).GetProperty("created").GetInt64());
    }
}
