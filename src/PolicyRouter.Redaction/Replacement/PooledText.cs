using System.Buffers;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>Text being put together in a rented buffer, which is cleared before it goes back: it may hold sensitive values.</summary>
internal ref struct PooledText
{
    private char[] _buffer;
    private int _length;

    public PooledText(int capacity)
    {
        _buffer = ArrayPool<char>.Shared.Rent(Math.Max(capacity, 64));
    }

    public void Append(ReadOnlySpan<char> text) => text.CopyTo(Reserve(text.Length));

    /// <summary>Room for this many more characters, counted as written.</summary>
    public Span<char> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            char[] larger = ArrayPool<char>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<char>.Shared.Return(_buffer, clearArray: true);
            _buffer = larger;
        }

        Span<char> room = _buffer.AsSpan(_length, count);
        _length += count;
        return room;
    }

    /// <summary>Takes back the last characters that were reserved and not written.</summary>
    public void Trim(int count) => _length -= count;

    public override readonly string ToString() => new(_buffer, 0, _length);

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_buffer, clearArray: true);
            _buffer = [];
            _length = 0;
        }
    }
}
