using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Cli;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary><c>policyrouter serve</c> as it is run: a process of its own.</summary>
internal sealed class ServeProcess : IDisposable
{
    private const int Listening = 5002;
    private const int Draining = 5001;
    private const int Fenced = 5103;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _token;
    private readonly Process _process;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<Uri> _controlPlane = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> _dataPlane = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _draining = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _alarmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _alarms = new();

    private Task<string> _errors = Task.FromResult("");
    private Task _reading = Task.CompletedTask;

    private ServeProcess(string token, Process process) => (_token, _process) = (token, process);

    /// <summary>With the policy, the keys, the providers and the database of a test's gateway.</summary>
    public static Task<ServeProcess> StartAsync(GatewayUnderTest gateway, int drainSeconds) =>
        StartAsync(gateway.Stack.Policies, gateway.Stack.ConnectionString, gateway.Token("app"), new Dictionary<string, string>
        {
            ["Audit__Shard"] = "process",
            ["Limits__DrainSeconds"] = drainSeconds.ToString(CultureInfo.InvariantCulture),
        });

    /// <param name="policies">A policy folder in a development folder that has the keys.</param>
    /// <param name="token">What it is asked with.</param>
    /// <param name="settings">By name, with two underscores between its parts.</param>
    /// <param name="within">A program and its arguments that runs it in a confinement; none by default.</param>
    public static async Task<ServeProcess> StartAsync(
        string policies, string connectionString, string token, IReadOnlyDictionary<string, string> settings, params IReadOnlyList<string> within)
    {
        var home = Path.GetDirectoryName(policies)!;
        string[] command = [.. within, "dotnet"];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = home };
        foreach (var argument in (string[])
        [
            typeof(ExitCodes).Assembly.Location, "serve", "--dev", "--policies", policies, "--urls", "http://127.0.0.1:0", "--control-urls", "http://127.0.0.1:0",
            "--database", connectionString,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["POLICYROUTER_HOME"] = home;
        foreach (var (name, value) in settings)
        {
            start.Environment[$"POLICYROUTER__{name}"] = value;
        }

        ServeProcess serve = new(token, Process.Start(start)!);
        serve._errors = serve._process.StandardError.ReadToEndAsync();
        serve._reading = serve.ReadLogAsync();
        await serve._dataPlane.Task.WaitAsync(Patience);
        return serve;
    }

    public Task<Uri> DataPlaneAsync() => _dataPlane.Task;

    public Task<Uri> ControlPlaneAsync() => _controlPlane.Task;

    /// <summary>All lines that it wrote to standard output, and all that it wrote to standard error, once it has ended.</summary>
    public async Task<(IReadOnlyList<string> Output, string Errors)> OutputAsync()
    {
        await _reading.WaitAsync(Patience);
        return (_output, await _errors);
    }

    /// <summary>It has logged something critical, or that it was fenced.</summary>
    public Task AlarmedAsync() => _alarmed.Task.WaitAsync(Patience);

    /// <summary>What it logged as critical, and that it was fenced.</summary>
    public IReadOnlyCollection<string> Alarms => _alarms;

    /// <summary>Sends SIGTERM or another signal.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>It has said that it is not ready any more.</summary>
    public Task DrainingAsync() => _draining.Task.WaitAsync(Patience);

    public async Task<int> ExitCodeAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Ends it as a power cut would, with nothing left to say.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitCodeAsync();
    }

    public async Task<HttpResponseMessage> GetAsync(string path) => await _http.GetAsync(new Uri(await _dataPlane.Task, path));

    /// <summary>Asks, and returns as soon as the headers are there.</summary>
    public Task<HttpResponseMessage> AskAsync(JsonObject body) => AskAsync(Encoding.UTF8.GetBytes(body.ToJsonString()));

    /// <inheritdoc cref="AskAsync(JsonObject)"/>
    public async Task<HttpResponseMessage> AskAsync(byte[] body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(await _dataPlane.Task, "/v1/chat/completions"))
        {
            Content = new ByteArrayContent(body),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Data-Class", "phi");
        request.Headers.Add("X-Data-Subjects", "us");
        request.Headers.Add("X-Purpose", "treatment");
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public void Dispose()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task ReadLogAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Add(line);
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("LogLevel").GetString() == "Critical" || entry.RootElement.GetProperty("EventId").GetInt32() == Fenced)
            {
                _alarms.Enqueue(entry.RootElement.GetProperty("Message").GetString()!);
                _alarmed.TrySetResult();
            }

            switch (entry.RootElement.GetProperty("EventId").GetInt32())
            {
                case Listening:
                    _controlPlane.TrySetResult(new Uri(entry.RootElement.GetProperty("State").GetProperty("ControlPlane").GetString()!));
                    _dataPlane.TrySetResult(new Uri(entry.RootElement.GetProperty("State").GetProperty("DataPlane").GetString()!));
                    break;
                case Draining:
                    _draining.TrySetResult();
                    break;
            }
        }

        _dataPlane.TrySetException(new InvalidOperationException($"The process ended before it listened: {await _errors}"));
    }
}
