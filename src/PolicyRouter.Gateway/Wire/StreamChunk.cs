using System.Text.Json;

namespace PolicyRouter.Gateway.Wire;

/// <summary>One JSON object of a streamed answer in the form of the caller's API, parsed once for everybody who looks at it.</summary>
internal sealed class StreamChunk : IDisposable
{
    private JsonDocument? _document;
    private bool _isBorrowed;
    private bool _isDisposed;

    private StreamChunk(ReadOnlyMemory<byte> bytes, bool isBorrowed)
    {
        Bytes = bytes;
        _isBorrowed = isBorrowed;
    }

    /// <summary>The JSON, in the very bytes that <see cref="Root"/> looks into.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="ObjectDisposedException">The chunk is done with.</exception>
    public JsonElement Root
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return (_document ??= JsonDocument.Parse(Bytes)).RootElement;
        }
    }

    /// <summary>A chunk of bytes that nobody changes.</summary>
    public static StreamChunk Of(ReadOnlyMemory<byte> bytes) => new(bytes, isBorrowed: false);

    /// <summary>A chunk of the data of an event, which is valid until the next event is read.</summary>
    public static StreamChunk Borrow(ReadOnlyMemory<byte> data) => new(data, isBorrowed: true);

    /// <summary>Makes the chunk outlast the event it came with.</summary>
    public void Keep()
    {
        if (_isBorrowed)
        {
            _document?.Dispose();
            _document = null;
            Bytes = Bytes.ToArray();
            _isBorrowed = false;
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _document?.Dispose();
        _document = null;
    }
}

/// <summary>One server-sent event for the caller.</summary>
/// <param name="Name">Null for none.</param>
/// <param name="Data">JSON without line ends.</param>
internal readonly record struct RelayedEvent(string? Name, ReadOnlyMemory<byte> Data);
