using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Cli;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary><c>policyrouter serve</c> as it is run: a process of its own, with the policy, the keys, the providers and the database of a test's gateway.</summary>
internal sealed class ServeProcess : IDisposable
{
    private const int Listening = 5002;
    private const int Draining = 5001;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly GatewayUnderTest _gateway;
    private readonly Process _process;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly TaskCompletionSource<Uri> _dataPlane = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _draining = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServeProcess(GatewayUnderTest gateway, Process process) => (_gateway, _process) = (gateway, process);

    public static async Task<ServeProcess> StartAsync(GatewayUnderTest gateway, int drainSeconds)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(gateway.Stack.Policies)! };
        foreach (var argument in (string[])
        [
            typeof(ExitCodes).Assembly.Location, "serve", "--dev", "--policies", gateway.Stack.Policies, "--urls", "http://127.0.0.1:0", "--control-urls", "http://127.0.0.1:0",
            "--database", gateway.Stack.ConnectionString,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["POLICYROUTER_HOME"] = Path.GetDirectoryName(gateway.Stack.Policies)!;
        start.Environment["POLICYROUTER__Audit__Shard"] = "process";
        start.Environment["POLICYROUTER__Limits__DrainSeconds"] = drainSeconds.ToString(CultureInfo.InvariantCulture);
        ServeProcess serve = new(gateway, Process.Start(start)!);
        _ = serve.ReadLogAsync(serve._process.StandardError.ReadToEndAsync());
        await serve._dataPlane.Task.WaitAsync(Patience);
        return serve;
    }

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

    public async Task<HttpResponseMessage> GetAsync(string path) => await _http.GetAsync(new Uri(await _dataPlane.Task, path));

    /// <summary>Asks, and returns as soon as the headers are there.</summary>
    public async Task<HttpResponseMessage> AskAsync(JsonObject body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(await _dataPlane.Task, "/v1/chat/completions"))
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _gateway.Token("app"));
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

    private async Task ReadLogAsync(Task<string> errors)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var entry = JsonDocument.Parse(line);
            switch (entry.RootElement.GetProperty("EventId").GetInt32())
            {
                case Listening:
                    _dataPlane.TrySetResult(new Uri(entry.RootElement.GetProperty("State").GetProperty("DataPlane").GetString()!));
                    break;
                case Draining:
                    _draining.TrySetResult();
                    break;
            }
        }

        _dataPlane.TrySetException(new InvalidOperationException($"The process ended before it listened: {await errors}"));
    }
}
