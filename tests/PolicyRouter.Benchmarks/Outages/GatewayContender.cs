using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Simulator;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>The gateway as it is, with its database, asked over HTTP.</summary>
internal sealed class GatewayContender : IOutageContender
{
    // What SimulatedEndpoints writes for a demonstration.
    private const string DemoTimeouts = "timeouts: {connect: 1s, first token: 1s, between tokens: 2s, total: 3s}";

    private readonly SimulatedStack _stack;
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private GatewayContender(SimulatedStack stack) => _stack = stack;

    public SimulatedFleet Fleet => _stack.Fleet;

    /// <param name="database">An empty one.</param>
    public static async Task<GatewayContender> StartAsync(OutagePack pack, string database, TimeProvider clock) => new(await SimulatedStack.StartAsync(
        new SimulatedStackOptions
        {
            PoliciesFolder = pack.Folder,
            ConnectionString = database,
            Time = clock,
            ClockTolerance = TimeSpan.MaxValue,
            EditPolicies = static policies => RestoreTimeouts(Path.Combine(policies, "endpoints.yaml")),
        },
        CancellationToken.None));

    public async Task<AnswerEnd> AskAsync(ReplayedRequest request)
    {
        using var message = Message(request);
        using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        if (response.IsSuccessStatusCode)
        {
            return await AnswerReader.ReadAsync(response, request);
        }

        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        request.Why = problem.RootElement.GetProperty("error").GetProperty("code").GetString() ?? "";
        return AnswerEnd.Unanswered;
    }

    /// <summary>Asks for a stream and reads all of it.</summary>
    /// <returns>The timestamp of its first byte.</returns>
    /// <exception cref="HttpRequestException">It was not answered.</exception>
    public async Task<long> FirstByteAsync(ReplayedRequest request)
    {
        using var message = Message(request);
        using var response = (await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        var first = new byte[1];
        await stream.ReadExactlyAsync(first);
        var at = Stopwatch.GetTimestamp();
        await stream.CopyToAsync(Stream.Null);
        return at;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _stack.DisposeAsync();
    }

    private HttpRequestMessage Message(ReplayedRequest request)
    {
        HttpRequestMessage message = new(HttpMethod.Post, new Uri(_stack.DataPlane, "/v1/chat/completions"))
        {
            Content = new ByteArrayContent(request.Body(request.Kind.Route)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(request.App));
        message.Headers.Add("X-Data-Class", request.Kind.DataClass);
        message.Headers.Add("X-Purpose", request.Kind.Purpose);
        if (request.Kind.Subjects is { } zone)
        {
            message.Headers.Add("X-Data-Subjects", zone);
        }

        return message;
    }

    private string TokenOf(string app)
    {
        if (!_tokens.TryGetValue(app, out var token))
        {
            _tokens[app] = token = _stack.Token(app, "app");
        }

        return token;
    }

    private static void RestoreTimeouts(string endpoints)
    {
        var text = File.ReadAllText(endpoints);
        var seconds = $"timeouts: {{connect: 2s, first token: {OutageStage.FirstToken.TotalSeconds:0}s, between tokens: 15s, total: {OutageStage.Total.TotalSeconds:0}s}}";
        File.WriteAllText(endpoints, text.Replace(DemoTimeouts, seconds, StringComparison.Ordinal));
    }
}
