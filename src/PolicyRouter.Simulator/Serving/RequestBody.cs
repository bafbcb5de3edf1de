using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Simulator.Serving;

/// <summary>A request's body in a rented buffer. What has arrived stays readable when the client leaves in the middle.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBuffer = 4_096;

    private byte[] _buffer = [];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public async Task FillAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(request.ContentLength is { } length and > 0 ? (int)length + 1 : FirstBuffer);
        while (true)
        {
            var read = await request.Body.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                return;
            }

            _length += read;
            if (_length == _buffer.Length)
            {
                Grow();
            }
        }
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}
