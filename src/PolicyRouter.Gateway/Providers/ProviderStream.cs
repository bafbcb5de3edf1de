using System.Runtime.CompilerServices;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Providers;

/// <summary>A streamed answer as chunks of the caller's API, placeholders still in them.</summary>
public sealed class ProviderStream : IAsyncDisposable
{
    // What may come before the first word: a role, a ping, Azure's filter results.
    private const int MaxChunksBeforeContent = 32;

    private readonly HttpResponseMessage _response;
    private readonly IEventReader _events;
    private readonly IStreamFormat _format;
    private readonly AttemptClock _clock;
    private readonly TimeProvider _time;
    private readonly List<ReadOnlyMemory<byte>> _ready = [];
    private bool _hasEnded;
    private IDisposable? _held;
    private TimeSpan _sinceContent;

    internal ProviderStream(HttpResponseMessage response, IEventReader events, IStreamFormat format, AttemptClock clock, AnswerFacts facts, TimeProvider time)
    {
        _response = response;
        _events = events;
        _format = format;
        _clock = clock;
        Facts = facts;
        _time = time;
    }

    /// <summary>Filled as the chunks go by.</summary>
    public AnswerFacts Facts { get; }

    /// <summary>
    /// The JSON of each chunk, without the SSE framing and without <c>[DONE]</c>. Ends only when the provider ended properly.
    /// Can be enumerated once. The first step of it needs no waiting: that chunk has arrived.
    /// </summary>
    /// <exception cref="ProviderStreamException">It was cut, stalled, malformed, or reported an error.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ChunksAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadlines = _clock.Link(cancellationToken);
        while (true)
        {
            foreach (var chunk in _ready)
            {
                yield return chunk;
            }

            _ready.Clear();
            if (_hasEnded)
            {
                yield break;
            }

            // The clock runs while we wait for the provider, not while the caller takes what it got.
            _clock.Start(FailureKind.BetweenTokensTimeout);
            await ReadAsync(deadlines.Token, cancellationToken);
            _clock.Stop();
        }
    }

    /// <summary>Told of each further chunk that carries some of the answer how long the provider took for it; null when nobody listens.</summary>
    internal Action<TimeSpan>? Paced { get; set; }

    /// <summary>Gives it something to dispose of when it is closed.</summary>
    internal void Hold(IDisposable place) => _held = place;

    /// <summary>Closes the connection to the provider at once, whole answer or not.</summary>
    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        _events.Dispose();
        _clock.Dispose();
        _held?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Reads up to the first chunk that carries some of the answer. Providers open a stream before they know whether they can
    /// answer; until a word has come, another one may still be asked.
    /// </summary>
    /// <exception cref="ProviderStreamException">The stream broke or ended before that.</exception>
    internal async Task AwaitContentAsync(CancellationToken deadlines, CancellationToken caller)
    {
        var hasContent = false;
        while (!hasContent && !_hasEnded && _ready.Count < MaxChunksBeforeContent)
        {
            hasContent = await ReadAsync(deadlines, caller);
        }

        _clock.Stop();
        if (_hasEnded && !hasContent)
        {
            // Neither a word nor a reason for there being none.
            throw new ProviderStreamException(new ProviderFailure(FailureKind.Malformed));
        }
    }

    /// <summary>Takes one event; true when it carried some of the answer.</summary>
    private async Task<bool> ReadAsync(CancellationToken deadlines, CancellationToken caller)
    {
        try
        {
            var started = _time.GetTimestamp();
            var hasEvent = await _events.ReadAsync(deadlines);
            if (Facts.FirstToken is not null)
            {
                var waited = _time.GetElapsedTime(started);
                Facts.Writing = (Facts.Writing ?? TimeSpan.Zero) + waited;
                _sinceContent += waited;
            }

            if (!hasEvent)
            {
                throw new ProviderStreamException(new ProviderFailure(FailureKind.Cut));
            }

            var known = _ready.Count;
            _hasEnded = _format.Accept(_events.EventName, _events.Data, _ready);
            var hasContent = false;
            for (var at = known; at < _ready.Count; at++)
            {
                hasContent |= _format.Note(_ready[at], Facts);
            }

            if (hasContent)
            {
                if (Facts.FirstToken is not null)
                {
                    Paced?.Invoke(_sinceContent);
                }

                _sinceContent = TimeSpan.Zero;
            }

            return hasContent;
        }
        catch (Exception error) when (FailureOf.Reading(error, _clock, caller) is { } failure)
        {
            throw new ProviderStreamException(failure);
        }
    }
}
