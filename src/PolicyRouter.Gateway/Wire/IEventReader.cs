namespace PolicyRouter.Gateway.Wire;

/// <summary>Reads the events of a streamed answer from the bytes of a response. Use once.</summary>
internal interface IEventReader : IDisposable
{
    /// <summary>The name of the current event; empty when it has none.</summary>
    public string EventName { get; }

    /// <summary>The data of the current event. Valid until the next read.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Moves to the next event that has data if all of it has arrived; false when more must be read: by <see cref="ReadAsync"/>.</summary>
    /// <exception cref="Sse.SseFormatException">An event, or their number, is over its limit.</exception>
    public bool TryRead();

    /// <summary>Moves to the next event that has data; false at the end of the stream.</summary>
    /// <exception cref="Sse.SseFormatException">An event, or their number, is over its limit.</exception>
    /// <exception cref="Providers.MalformedAnswerException">The bytes are not in the framing.</exception>
    /// <exception cref="Providers.ProviderStreamException">The provider reports an error.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken);
}
