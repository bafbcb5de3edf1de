using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Simulator;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>
/// The whole product on loopback: a fresh database, a simulated provider per endpoint of the shipped policy pack, the gateway
/// with real sockets. Each test starts its own.
/// </summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly SimulatedStack _stack;
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        // Otherwise a client that leaves drains the answer first, and the gateway learns of it two seconds late.
        ResponseDrainTimeout = TimeSpan.Zero,
    });
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);

    private GatewayUnderTest(SimulatedStack stack) => _stack = stack;

    public SimulatedFleet Fleet => _stack.Fleet;
    public SimulatedStack Stack => _stack;
    public Uri DataPlane => _stack.DataPlane;
    public Uri ControlPlane => _stack.ControlPlane;

    public static async Task<GatewayUnderTest> StartAsync(Action<SimulatedStackOptions>? configure = null)
    {
        SimulatedStackOptions options = new()
        {
            PoliciesFolder = Path.Combine(Repository.Root, "policies"),
            ConnectionString = await PostgresFixture.CreateDatabaseAsync(),
        };
        configure?.Invoke(options);
        if (options.Time != TimeProvider.System)
        {
            // The test moves it, and the database's cannot follow.
            options.ClockTolerance ??= TimeSpan.MaxValue;
        }

        // The pack's own cases and claims are about the pack as it ships; a test that edits it speaks for itself.
        var edit = options.EditPolicies;
        options.EditPolicies = policies =>
        {
            Directory.Delete(Path.Combine(policies, "tests"), recursive: true);
            edit(policies);
        };
        return new GatewayUnderTest(await SimulatedStack.StartAsync(options, CancellationToken.None));
    }

    /// <summary>A request body: one user message.</summary>
    public static JsonObject Chat(string model, string text, bool stream = false) => new()
    {
        ["model"] = model,
        ["stream"] = stream,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
    };

    /// <summary>Asks as an app. Header values of null are left out.</summary>
    public Task<Reply> AskAsync(
        JsonObject body, string? dataClass = "phi", string? subjects = "us", string? purpose = "treatment",
        CancellationToken cancellationToken = default, params (string Name, string Value)[] headers) =>
        PostAsync(Encoding.UTF8.GetBytes(body.ToJsonString()), dataClass, subjects, purpose, cancellationToken, headers);

    /// <summary>While this provider is asked the policy begins to have a text redacted always, and then the provider is down.</summary>
    public void FailOnceThePolicyRedacts(string provider, string text, string kind) => Fleet[provider].AnswerWith(_ =>
    {
        var lists = Path.Combine(Stack.Policies, "redaction.yaml");
        File.WriteAllText(lists, File.ReadAllText(lists).Replace("always redact:\n", $"always redact:\n  - {{text: {text}, as: {kind}}}\n", StringComparison.Ordinal));
        Assert.True(Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None).GetAwaiter().GetResult());
        throw new InvalidOperationException("Now the provider is down.");
    });

    /// <summary>Asks as this app.</summary>
    public Task<Reply> AskAsAsync(string app, JsonObject body) => AskAsync(body, headers: ("Authorization", $"Bearer {_stack.Token(app, "app")}"));

    /// <summary>What operators see of a deployment's health.</summary>
    public async Task<JsonElement> HealthOfAsync(string deployment) => (await ControlAsync("/api/deployments", "operator")).Json
        .GetProperty("deployments").EnumerateArray().Single(one => one.GetProperty("id").GetString() == deployment).GetProperty("health");

    /// <summary>The decision of a request, as stored.</summary>
    public async Task<JsonElement> DecidedAsync(Guid requestId) => JsonDocument.Parse((await EventsOfAsync(requestId))[0].CanonicalJson).RootElement;

    /// <summary>Asks at another address of the data plane: <c>/v1/messages</c>, <c>/v1/embeddings</c>, ...</summary>
    public async Task<Reply> AskAtAsync(
        string path, JsonObject body, string? dataClass = "phi", string? subjects = "us", string? purpose = "payment", params (string Name, string Value)[] headers)
    {
        using var request = Request(Encoding.UTF8.GetBytes(body.ToJsonString()), dataClass, subjects, purpose, headers);
        request.RequestUri = new Uri(DataPlane, path);
        using var response = await _http.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    /// <summary>What a stream says before its connection breaks, which it must.</summary>
    public async Task<string> ReadUntilBrokenAsync(string path, JsonObject body)
    {
        using var request = Request(Encoding.UTF8.GetBytes(body.ToJsonString()), "phi", "us", "payment", []);
        request.RequestUri = new Uri(DataPlane, path);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        using MemoryStream read = new();
        await Assert.ThrowsAnyAsync<Exception>(() => stream.CopyToAsync(read));
        return Encoding.UTF8.GetString(read.ToArray());
    }

    public async Task<Reply> PostAsync(
        byte[] body, string? dataClass = "phi", string? subjects = "us", string? purpose = "treatment",
        CancellationToken cancellationToken = default, params (string Name, string Value)[] headers)
    {
        using var request = Request(body, dataClass, subjects, purpose, headers);
        using var response = await _http.SendAsync(request, cancellationToken);
        return await Reply.OfAsync(response);
    }

    /// <summary>Sends and returns as soon as the headers are there; the caller reads the stream.</summary>
    public Task<HttpResponseMessage> OpenAsync(JsonObject body, CancellationToken cancellationToken) =>
        _http.SendAsync(
            Request(Encoding.UTF8.GetBytes(body.ToJsonString()), "phi", "us", "treatment", []),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken);

    /// <summary>Every event of one request, as stored.</summary>
    public async Task<IReadOnlyList<RecordedEvent>> EventsOfAsync(Guid requestId)
    {
        await using var history = AuditHistory.Open(_stack.ConnectionString);
        return await history.EventsOfAsync(requestId, CancellationToken.None);
    }

    /// <summary>The end of a request, waited for: outcomes are committed after the answer.</summary>
    public async Task<JsonElement> OutcomeOfAsync(Guid requestId)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            var events = await EventsOfAsync(requestId);
            if (events.FirstOrDefault(static recorded => recorded.Type.Contains("completed", StringComparison.Ordinal)) is { } completed)
            {
                return JsonDocument.Parse(completed.CanonicalJson).RootElement;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }

    public async Task<Reply> ControlAsync(string path, string role)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(ControlPlane, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(role));
        using var response = await _http.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    public string Token(string role)
    {
        if (!_tokens.TryGetValue(role, out var token))
        {
            _tokens[role] = token = _stack.Token("end-to-end", role);
        }

        return token;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _stack.DisposeAsync();
    }

    private HttpRequestMessage Request(byte[] body, string? dataClass, string? subjects, string? purpose, (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(DataPlane, "/v1/chat/completions")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token("app"));
        (string Name, string? Value)[] all =
            [("X-Data-Class", dataClass), ("X-Data-Subjects", subjects), ("X-Purpose", purpose), .. headers.Select(static header => (header.Name, (string?)header.Value))];
        foreach (var (name, value) in all)
        {
            if (value is not null)
            {
                request.Headers.Remove(name);
                request.Headers.Add(name, value);
            }
        }

        return request;
    }
}

/// <summary>An answer of the gateway, read to its end.</summary>
internal sealed record Reply(HttpStatusCode Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public Guid DecisionId => Guid.Parse(Headers["X-Decision-Id"]);
    public string? Deployment => Headers.GetValueOrDefault("X-Deployment");
    public int Attempts => int.Parse(Headers["X-Attempts"], System.Globalization.CultureInfo.InvariantCulture);
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
    public string ErrorCode => Json.GetProperty("error").GetProperty("code").GetString()!;
    public string Content => Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    /// <summary>The data of each server-sent event.</summary>
    public IReadOnlyList<string> Events =>
        [.. Body.Split('\n').Where(static line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(static line => line[6..])];

    /// <summary>The deltas of the first choice, joined.</summary>
    public string StreamedContent => string.Concat(Events
        .Where(static data => data != "[DONE]")
        .Select(static data => JsonDocument.Parse(data).RootElement)
        .Where(static chunk => chunk.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0)
        .Select(static chunk => chunk.GetProperty("choices")[0].GetProperty("delta"))
        .Select(static delta => delta.TryGetProperty("content", out var content) ? content.GetString() : ""));

    public static async Task<Reply> OfAsync(HttpResponseMessage response)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            headers[name] = string.Join(",", values);
        }

        string body;
        try
        {
            body = await response.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            // The gateway broke the connection on purpose; tests that expect this read the stream themselves.
            body = "";
        }

        return new Reply(response.StatusCode, body, headers);
    }
}
