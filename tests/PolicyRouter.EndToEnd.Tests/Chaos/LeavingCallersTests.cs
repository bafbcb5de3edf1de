using System.Text;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Receiving;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>Callers who leave in the middle of everything.</summary>
public sealed class LeavingCallersTests
{
    private const int Callers = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task HalfOfTheCallersLeaveSomewhere_NobodyGetsAnothersWords_ProvidersAreCancelled_AndEachEndIsTold()
    {
        await using var chaos = await ChaosStack.StartAsync();
        foreach (var provider in chaos.Gateway.Fleet.Providers)
        {
            provider.Behave(Fault.SlowTokens(TimeSpan.FromMilliseconds(2)));
        }

        // Those who leave do so after a number of bytes, not of milliseconds: the same places on every machine.
        Random random = new(4711);
        var leavesAfter = Enumerable.Range(0, Callers).Select(caller => caller % 2 == 0 ? (int?)null : random.Next(0, 4_000)).ToArray();
        var texts = await Task.WhenAll(leavesAfter.Select(async limit =>
        {
            var question = chaos.Question();
            using CancellationTokenSource leaving = new();
            using var response = await chaos.OpenAsync(question, leaving.Token);
            return (question, limit, Text: await ReadAsync(response, limit, leaving));
        })).WaitAsync(Patience);

        foreach (var (question, limit, text) in texts)
        {
            // The words of those who left may end anywhere, so only whole events and whole names count.
            var said = new Reply(System.Net.HttpStatusCode.OK, text[..(text.LastIndexOf('\n') + 1)], new Dictionary<string, string>()).StreamedContent;
            Assert.All(ChaosStack.MarkersIn(said), named => Assert.Equal(Assert.Single(ChaosStack.MarkersIn(question)), named));
            if (limit is null)
            {
                Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
            }
        }

        foreach (var provider in chaos.Gateway.Fleet.Providers)
        {
            foreach (var received in provider.Received)
            {
                await provider.WaitForAsync(request => request.Order == received.Order && request.Outcome is not RequestOutcome.Pending);
            }
        }

        Assert.Contains(chaos.Gateway.Fleet.Received, static received => received.ClientAborted);
        await chaos.AssertPromisesAsync();
        var outcomes = (await chaos.EndsAsync()).CountBy(static outcome => outcome).ToDictionary();
        Assert.Equal(Callers, outcomes.Values.Sum());
        Assert.Equal(["cancelled", "completed"], outcomes.Keys.Order(StringComparer.Ordinal));
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, int? limit, CancellationTokenSource leaving)
    {
        await using var body = await response.Content.ReadAsStreamAsync();
        StringBuilder text = new();
        var buffer = new byte[64];
        while (limit is null || text.Length < limit)
        {
            var count = await body.ReadAsync(buffer);
            if (count == 0)
            {
                return text.ToString();
            }

            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        await leaving.CancelAsync();
        return text.ToString();
    }
}
