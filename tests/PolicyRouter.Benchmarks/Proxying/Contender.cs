using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>One way to the provider: a process of its own on the first core, or none for the direct way.</summary>
internal sealed class Contender : IAsyncDisposable
{
    private int _disposed;

    private Contender(string name, Uri target, Process? process, string model, IReadOnlyDictionary<string, string> headers)
    {
        Name = name;
        Target = target;
        Process = process;
        Model = model;
        Headers = headers;
    }

    public string Name { get; }

    /// <summary>Where chat requests go.</summary>
    public Uri Target { get; }
    public Process? Process { get; }

    /// <summary>What stands in <c>model</c>.</summary>
    public string Model { get; }
    public IReadOnlyDictionary<string, string> Headers { get; }

    public static Contender Direct(Uri target, string model, IReadOnlyDictionary<string, string> headers) => new("direct", target, null, model, headers);

    /// <summary>Starts the program on the first core and waits until <paramref name="ready"/> answers with anything but 503.</summary>
    /// <param name="ready">Null not to wait.</param>
    public static async Task<Contender> StartAsync(
        string name, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, Uri? ready, Uri target, string model,
        IReadOnlyDictionary<string, string> headers)
    {
        var pinned = OperatingSystem.IsLinux() && File.Exists("/usr/bin/taskset");
        ProcessStartInfo start = new(pinned ? "/usr/bin/taskset" : program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in pinned ? ["-c", "0", program, .. arguments] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Contender contender = new(name, target, process, model, headers);
        if (ready is not null)
        {
            await contender.WaitUntilAsync(ready, TimeSpan.FromMilliseconds(100));
        }

        return contender;
    }

    /// <summary>A chat request with its credentials.</summary>
    public HttpRequestMessage Request(byte[] body)
    {
        HttpRequestMessage request = new(HttpMethod.Post, Target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in Headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is null || Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        // SIGTERM: the gateway stops its private database in its own order.
        using var kill = System.Diagnostics.Process.Start("kill", ["-TERM", Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await Process.WaitForExitAsync();
        Process.Dispose();
    }

    /// <summary>Waits until the address answers with anything but 503.</summary>
    /// <exception cref="InvalidOperationException">The process ended before.</exception>
    /// <exception cref="TimeoutException">Not within a minute.</exception>
    public async Task WaitUntilAsync(Uri ready, TimeSpan every)
    {
        using HttpClient http = new();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromMinutes(1))
        {
            if (Process!.HasExited)
            {
                throw new InvalidOperationException($"{Name} ended with {Process.ExitCode} before it was ready.");
            }

            try
            {
                using var reply = await http.GetAsync(ready);
                if (reply.StatusCode is not HttpStatusCode.ServiceUnavailable)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            using PeriodicTimer pause = new(every);
            await pause.WaitForNextTickAsync();
        }

        throw new TimeoutException($"{Name} was not ready within a minute.");
    }
}
