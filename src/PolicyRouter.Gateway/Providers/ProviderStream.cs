using System.Diagnostics.CodeAnalysis;
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
    private readonly List<StreamChunk> _ready = [];
    private int _next;
    private bool _hasEnded;
    private CancellationTokenSource? _deadlines;
    private CancellationToken _caller;
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

    /// <summary>True when the provider ended the answer properly and no chunk is left.</summary>
    internal bool HasEnded => _hasEnded && _next == _ready.Count;

    /// <summary>
    /// Every chunk: JSON, without the SSE framing and without <c>[DONE]</c>. Ends only when the provider ended properly. Can be enumerated once. The first step of it needs no waiting: that
    /// chunk has arrived.
    /// </summary>
    /// <inheritdoc cref="WaitAsync"/>
    internal async IAsyncEnumerable<StreamChunk> ChunksAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await WaitAsync(cancellationToken))
        {
            while (TryTake(out var chunk))
            {
                yield return chunk;
            }
        }
    }

    /// <summary>Waits until there is a chunk to take; false when the provider has ended the answer properly.</summary>
    /// <param name="cancellationToken">The same each time.</param>
    /// <exception cref="ProviderStreamException">It was cut, stalled, malformed, or reported an error.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        _deadlines ??= _clock.Link(cancellationToken);
        _caller = cancellationToken;
        while (_next == _ready.Count)
        {
            if (_hasEnded)
            {
                return false;
            }

            // The clock runs while we wait for the provider, not while the caller takes what it got.
            Clear();
            _clock.Start(FailureKind.BetweenTokensTimeout);
            await ReadAsync(_deadlines.Token, cancellationToken);
            _clock.Stop();
        }

        return true;
    }

    /// <summary>Takes the next chunk if it has arrived. It is valid until the next one is taken or waited for.</summary>
    /// <exception cref="ProviderStreamException">What has arrived is malformed, or an error.</exception>
    internal bool TryTake([NotNullWhen(true)] out StreamChunk? chunk)
    {
        while (_next == _ready.Count)
        {
            Clear();
            if (_hasEnded || !TryRead())
            {
                chunk = null;
                return false;
            }
        }

        chunk = _ready[_next++];
        return true;
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
        _deadlines?.Dispose();
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
            foreach (var chunk in _ready)
            {
                chunk.Keep();
            }

            hasContent = await ReadAsync(deadlines, caller);
        }

        _clock.Stop();
        if (_hasEnded && !hasContent)
        {
            // Neither a word nor a reason for there being none.
            throw new ProviderStreamException(new ProviderFailure(FailureKind.Malformed));
        }
    }

    /// <summary>Waits for one event and takes it; true when it carried some of the answer.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAsync(CancellationToken deadlines, CancellationToken caller)
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

            return hasEvent ? Accept() : throw new ProviderStreamException(new ProviderFailure(FailureKind.Cut));
        }
        catch (Exception error) when (FailureOf.Reading(error, _clock, caller) is { } failure)
        {
            throw new ProviderStreamException(failure);
        }
    }

    /// <summary>Takes one event that has arrived; false when none has.</summary>
    private bool TryRead()
    {
        try
        {
            if (!_events.TryRead())
            {
                return false;
            }

            if (Facts.FirstToken is not null)
            {
                Facts.Writing ??= TimeSpan.Zero;
            }

            Accept();
            return true;
        }
        catch (Exception error) when (FailureOf.Reading(error, _clock, _caller) is { } failure)
        {
            throw new ProviderStreamException(failure);
        }
    }

    private bool Accept()
    {
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

    /// <summary>Lets go of the chunks that were taken.</summary>
    private void Clear()
    {
        foreach (var chunk in _ready)
        {
            chunk.Dispose();
        }

        _ready.Clear();
        _next = 0;
    }
}
