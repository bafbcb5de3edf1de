using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>A provider on a loopback socket that answers every request with the same bytes, well formed or not, and closes.</summary>
internal sealed class RawProvider : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private volatile byte[] _answer = [];

    private RawProvider() => _listener.Start();

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    /// <summary>The bytes of answers from now on, as Latin-1.</summary>
    public string Answer
    {
        set => _answer = Encoding.Latin1.GetBytes(value);
    }

    public static RawProvider Start()
    {
        RawProvider provider = new();
        _ = provider.ServeAsync();
        return provider;
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                await ReadRequestAsync(stream);
                await stream.WriteAsync(_answer);
                client.Client.Shutdown(SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed: the test is over.
        }
    }

    private static async Task ReadRequestAsync(NetworkStream stream)
    {
        StringBuilder read = new();
        var buffer = new byte[4_096];
        var length = 0;
        while (read.Length < length || length == 0)
        {
            var got = await stream.ReadAsync(buffer);
            if (got == 0)
            {
                return;
            }

            read.Append(Encoding.Latin1.GetString(buffer, 0, got));
            var text = read.ToString();
            if (length == 0 && text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end)
            {
                var body = text[..end].Split("\r\n").First(static line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
                length = end + 4 + int.Parse(body["Content-Length: ".Length..], CultureInfo.InvariantCulture);
            }
        }
    }
}
