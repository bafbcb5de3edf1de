using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Amazon.Runtime.EventStreams;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>
/// Reads an answer of <c>InvokeModelWithResponseStream</c>: messages of <c>application/vnd.amazon.eventstream</c>, each with an event of the model's own API
/// in base64. Their checksums are checked by Amazon's own library.
/// </summary>
internal sealed class AmazonEventReader(Stream source) : IEventReader
{
    // A message may be 24 MB by the format; the events of an answer are small.
    private const int LargestMessage = 4 * 1_048_576;
    private const int SmallestMessage = 16;
    private const int MostEvents = 1_000_000;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16_384);
    private byte[] _data = [];
    private int _events;

    public string EventName => "";

    public ReadOnlyMemory<byte> Data => _data;

    /// <summary>It reads no further than one message.</summary>
    public bool TryRead() => false;

    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await source.ReadAtLeastAsync(_buffer.AsMemory(0, 4), 4, throwOnEndOfStream: false, cancellationToken) is var head and < 4)
            {
                return head == 0 ? false : throw new ProviderStreamException(new ProviderFailure(FailureKind.Cut));
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer);
            if (length is < SmallestMessage or > LargestMessage || ++_events > MostEvents)
            {
                throw new MalformedAnswerException("A message of an impossible length, or too many.");
            }

            MakeRoom(length);
            if (await source.ReadAtLeastAsync(_buffer.AsMemory(4, length - 4), length - 4, throwOnEndOfStream: false, cancellationToken) < length - 4)
            {
                throw new ProviderStreamException(new ProviderFailure(FailureKind.Cut));
            }

            if (Take(length))
            {
                return true;
            }
        }
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            // The next user of the buffer is another caller's request.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Takes one message; true when it carried an event of the model.</summary>
    private bool Take(int length)
    {
        EventStreamMessage message;
        try
        {
            message = EventStreamMessage.FromBuffer(_buffer, 0, length);
        }
        catch (Exception error) when (error is EventStreamParseException or EventStreamChecksumFailureException or ArgumentException or IndexOutOfRangeException)
        {
            throw new MalformedAnswerException("A message that is none.");
        }

        if (Header(message, ":message-type") is not "event")
        {
            // An exception or an error: throttled, or the model failed after it had begun.
            throw new ProviderStreamException(new ProviderFailure(FailureKind.StreamError));
        }

        if (Header(message, ":event-type") is not "chunk")
        {
            return false;
        }

        AnswerText.Check(message.Payload);
        using var payload = JsonDocument.Parse(message.Payload);
        if (payload.RootElement.ValueKind is not JsonValueKind.Object || !payload.RootElement.TryGetProperty("bytes", out var bytes)
            || bytes.ValueKind is not JsonValueKind.String || !bytes.TryGetBytesFromBase64(out var data))
        {
            throw new MalformedAnswerException("A chunk without bytes.");
        }

        _data = data;
        return true;
    }

    private static string? Header(EventStreamMessage message, string name) =>
        message.Headers.TryGetValue(name, out var header) && header.HeaderType is EventStreamHeaderType.String ? header.AsString() : null;

    private void MakeRoom(int length)
    {
        if (_buffer.Length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(length);
            _buffer.AsSpan(0, 4).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = larger;
        }
    }
}
