using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>One question that was asked: told from all others by its marker, wherever it turns up.</summary>
/// <param name="Hash">Of the body as it was sent.</param>
internal sealed record Question(string Marker, string Hash)
{
    /// <summary>The number of the decision; null while no answer, not even a refusal, has come.</summary>
    public Guid? Decision { get; set; }

    /// <summary>The gateway passed an answer on, or began to.</summary>
    public bool IsAnswered { get; set; }
}

/// <summary>Callers that ask until they are told to stop. When their gateway dies they wait for its next process, and ask again.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int CallersPerNode = 6;
    private const int QuestionsPerFailure = 20;
    private const int QuestionsPerStream = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<string, Question> _questions = new(StringComparer.Ordinal);
    private readonly FaultRig _rig;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _answers = new(0);
    private readonly SemaphoreSlim _refusals = new(0);
    private readonly Task _callers;
    private int _last;
    private long _longestRefusal;
    private int _refused;

    public Load(FaultRig rig)
    {
        _rig = rig;
        _callers = Task.WhenAll(rig.Nodes.SelectMany(node => Enumerable.Range(0, CallersPerNode).Select(_ => Task.Run(() => AskOnAsync(node)))));
    }

    public IReadOnlyDictionary<string, Question> Questions => _questions;
    public int Refusals => Volatile.Read(ref _refused);

    /// <summary>The longest that a caller waited to be refused.</summary>
    public TimeSpan LongestRefusal => TimeSpan.FromTicks(Interlocked.Read(ref _longestRefusal));

    /// <summary>Waits for so many further answers: how a test lets the traffic go on for a while.</summary>
    public Task AnswersAsync(int count) => ManyAsync(_answers, count, "answers");

    public Task RefusalsAsync(int count) => ManyAsync(_refusals, count, "refusals");

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _callers.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _answers.Dispose();
        _refusals.Dispose();
    }

    private async Task ManyAsync(SemaphoreSlim signal, int count, string what)
    {
        // Only what comes from now on.
        while (await signal.WaitAsync(TimeSpan.Zero))
        {
            continue;
        }

        for (var i = 0; i < count; i++)
        {
            var next = signal.WaitAsync(Patience);
            if (await Task.WhenAny(next, _callers) == _callers)
            {
                await _callers;
            }

            Assert.True(await next, $"No {what} for {Patience}.");
        }
    }

    private async Task AskOnAsync(GatewayNode node)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await AskAsync(node, await node.RunningAsync(_stop.Token));
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task AskAsync(GatewayNode node, ServeProcess process)
    {
        var number = Interlocked.Increment(ref _last);
        var marker = $"question-{number}-end";
        var body = Encoding.UTF8.GetBytes(GatewayUnderTest.Chat("clinical-chat", $"Summarise {marker}.", stream: number % QuestionsPerStream == 0).ToJsonString());
        Question question = new(marker, _rig.Hasher.Hash(body));
        _questions[marker] = question;
        if (number % QuestionsPerFailure == 0)
        {
            _rig.FailOne();
        }

        var sent = TimeProvider.System.GetTimestamp();
        try
        {
            using var answer = await process.AskAsync(body);
            question.Decision = answer.Headers.TryGetValues("X-Decision-Id", out var ids) ? Guid.Parse(ids.Single()) : null;
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                question.IsAnswered = true;
                await answer.Content.LoadIntoBufferAsync();
                node.Answered(sent);
                _answers.Release();
                return;
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Refused(TimeProvider.System.GetElapsedTime(sent));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process died. What became of the question, the log and the providers know.
        }
    }

    private void Refused(TimeSpan waited)
    {
        Interlocked.Increment(ref _refused);
        long longest;
        do
        {
            longest = Interlocked.Read(ref _longestRefusal);
        }
        while (waited.Ticks > longest && Interlocked.CompareExchange(ref _longestRefusal, waited.Ticks, longest) != longest);

        _refusals.Release();
    }
}
