using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Simulator.Serving;

/// <summary>
/// A chunked HTTP/1.1 answer written past the server, straight to the socket. Kestrel keeps bytes back in its own pipe, so only this way
/// is it certain that everything before a cut or a reset has been sent, and that the closing chunk has not.
/// </summary>
internal sealed class BrokenResponse(Socket socket) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _pending = new();

    /// <summary>Sends status line and headers. Nothing must have been written to the response before.</summary>
    public static async Task<BrokenResponse> StartAsync(HttpResponse response, Socket socket, CancellationToken cancellationToken)
    {
        StringBuilder head = new("HTTP/1.1 200 OK\r\n");
        foreach (var (name, value) in response.Headers)
        {
            head.Append(name).Append(": ").Append(value.ToString()).Append("\r\n");
        }

        head.Append("Transfer-Encoding: chunked\r\n\r\n");
        await SendAllAsync(socket, Encoding.ASCII.GetBytes(head.ToString()), cancellationToken);
        return new BrokenResponse(socket);
    }

    /// <summary>Sends the pending bytes as one chunk; on return they are with the operating system.</summary>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_pending.WrittenCount > 0)
        {
            var size = _pending.WrittenCount.ToString("x", CultureInfo.InvariantCulture);
            byte[] chunk = [.. Encoding.ASCII.GetBytes(size), .. "\r\n"u8, .. _pending.WrittenSpan, .. "\r\n"u8];
            _pending.ResetWrittenCount();
            await SendAllAsync(socket, chunk, cancellationToken);
        }

        return new FlushResult(isCanceled: false, isCompleted: false);
    }

    /// <summary>FIN: no more bytes will come, although the last chunk is missing.</summary>
    public void Cut() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Makes the close that follows an RST.</summary>
    public void Reset() => socket.LingerState = new LingerOption(enable: true, seconds: 0);

    public override void Advance(int bytes) => _pending.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _pending.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _pending.GetSpan(sizeHint);

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var sent = await socket.SendAsync(bytes, SocketFlags.None, cancellationToken);
            bytes = bytes[sent..];
        }
    }
}
