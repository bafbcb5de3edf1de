using System.Buffers;
using System.Runtime.CompilerServices;

namespace PolicyRouter.Gateway.Wire.Sse;

/// <summary>
/// Reads server-sent events (WHATWG HTML, section 9.2.6) from a stream of bytes. Lines end at CR, LF or CRLF and nowhere else:
/// U+2028 is data. An event without its blank line at the end of the stream is no event.
/// </summary>
internal sealed class SseReader(Stream source, SseLimits limits) : IEventReader
{
    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16_384);
    private readonly ArrayBufferWriter<byte> _data = new(1_024);
    private int _start;
    private int _end;
    private int _searched;
    private bool _isFirstLine = true;
    private bool _skipsLineFeed;
    private bool _isInside;
    private bool _hasData;
    private int _events;

    /// <summary>The <c>event</c> field of the current event; empty when it has none.</summary>
    public string EventName { get; private set; } = "";

    /// <summary>The data of the current event, lines joined by LF. Valid until the next read.</summary>
    public ReadOnlyMemory<byte> Data => _data.WrittenMemory;

    /// <summary>Moves to the next event that has data; false at the end of the stream.</summary>
    /// <exception cref="SseFormatException">A line, an event or their number is over its limit.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (!TryRead())
        {
            MakeRoom();
            var count = await source.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                return false;
            }

            _end += count;
        }

        return true;
    }

    public bool TryRead()
    {
        if (!_isInside)
        {
            _data.ResetWrittenCount();
            _hasData = false;
            EventName = "";
            _isInside = true;
        }

        while (TryTakeLine(out var line))
        {
            if (TakeField(line.Span))
            {
                _isInside = false;
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            // The next user of the buffer is another caller's request. All of it: what was moved to the front has left its old place as it was.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        if (_skipsLineFeed && _start < _end)
        {
            _skipsLineFeed = false;
            if (_buffer[_start] == (byte)'\n')
            {
                _start++;
                _searched = Math.Max(_searched, _start);
            }
        }

        var found = _buffer.AsSpan(_searched, _end - _searched).IndexOfAny((byte)'\r', (byte)'\n');
        if (found < 0)
        {
            _searched = _end;
            if (_end - _start > limits.LineBytes)
            {
                throw new SseFormatException("line too long");
            }

            line = default;
            return false;
        }

        var at = _searched + found;
        line = _buffer.AsMemory(_start, at - _start);
        _skipsLineFeed = _buffer[at] == (byte)'\r';
        _start = at + 1;
        _searched = _start;
        if (line.Length > limits.LineBytes)
        {
            throw new SseFormatException("line too long");
        }

        if (_isFirstLine)
        {
            _isFirstLine = false;
            if (line.Span.StartsWith(Bom))
            {
                line = line[Bom.Length..];
            }
        }

        return true;
    }

    /// <summary>Takes one line; true when it completes an event that has data.</summary>
    private bool TakeField(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            if (_hasData)
            {
                return ++_events <= limits.Events ? true : throw new SseFormatException("too many events");
            }

            EventName = "";
            return false;
        }

        var colon = line.IndexOf((byte)':');
        var field = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..];
        if (value.StartsWith(" "u8))
        {
            value = value[1..];
        }

        if (field.SequenceEqual("data"u8))
        {
            if (_hasData)
            {
                _data.Write("\n"u8);
            }

            _hasData = true;
            if (_data.WrittenCount + value.Length > limits.EventBytes)
            {
                throw new SseFormatException("event too long");
            }

            _data.Write(value);
        }
        else if (field.SequenceEqual("event"u8))
        {
            EventName = SseEventNames.Intern(value);
        }

        return false;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _searched -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = larger;
        }
    }
}
