using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Headers end at the gateway, in both directions: what goes on is made here.</summary>
public sealed class HeaderTests
{
    private const string Marker = "zebrafish";

    /// <summary>What proxies, browsers, clouds and attackers send; each value holds the marker.</summary>
    private const string OfACaller = $"""
        Cookie: session={Marker}
        Forwarded: for={Marker};host={Marker};proto=http
        X-Forwarded-For: {Marker}
        X-Forwarded-Host: {Marker}
        X-Real-IP: {Marker}
        Via: 1.1 {Marker}
        traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
        tracestate: {Marker}=1
        baggage: patient={Marker}
        Request-Id: |{Marker}.
        Proxy-Authorization: Basic {Marker}
        Proxy-Connection: keep-alive, {Marker}
        Keep-Alive: timeout=5, x={Marker}
        TE: trailers, {Marker}
        Trailer: X-{Marker}
        Upgrade: {Marker}
        User-Agent: {Marker}
        Accept: text/{Marker}
        Accept-Encoding: gzip, {Marker}
        Referer: https://{Marker}.example/
        Origin: https://{Marker}.example
        Range: {Marker}=0-1
        If-None-Match: "{Marker}"
        X-HTTP-Method-Override: {Marker}
        X-Original-URL: /{Marker}
        api-key: {Marker}
        anthropic-version: {Marker}
        anthropic-beta: {Marker}
        OpenAI-Organization: {Marker}
        x-goog-user-project: {Marker}
        X-Amz-Target: {Marker}
        X-Amzn-Bedrock-Trace: {Marker}
        X-Own: {Marker}
        """;

    private const string OfAProvider = $"""
        Server: {Marker}
        Via: 1.1 {Marker}
        Set-Cookie: session={Marker}
        Location: https://{Marker}.example/
        x-request-id: {Marker}
        X-Decision-Id: {Marker}
        X-Deployment: {Marker}
        X-Data-Class: {Marker}
        X-Policy-Version: {Marker}
        x-should-retry: {Marker}
        X-Attempts: {Marker}
        X-Redactions: {Marker}
        Cache-Control: public, {Marker}
        Access-Control-Allow-Origin: https://{Marker}.example
        Strict-Transport-Security: max-age=0; {Marker}
        Alt-Svc: h3="{Marker}:443"
        WWW-Authenticate: Basic realm="{Marker}"
        Proxy-Authenticate: Basic realm="{Marker}"
        openai-organization: {Marker}
        anthropic-organization-id: {Marker}
        x-ms-region: {Marker}
        x-amzn-requestid: {Marker}
        Connection: close, X-Own
        X-Own: {Marker}
        Trailer: X-Trailer
        """;

    private const string Whole = """
        {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Said."},"finish_reason":"stop"}]}
        """;

    private const string Stream = """
        data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Said."},"finish_reason":null}]}

        data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: [DONE]


        """;

    private static readonly string[] OfEveryAnswer =
    [
        "cache-control", "connection", "content-type", "date", "x-attempts", "x-content-type-options", "x-data-class", "x-decision-id", "x-gateway-overhead-ms", "x-policy-version", "x-redactions",
        "x-request-id",
    ];

    [Fact]
    public async Task HeadersOfACaller_EndAtTheGateway()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        (string Deployment, string Model, string[] Own)[] wires =
        [
            ("claude-anthropic", "claude-anthropic", ["anthropic-version", "x-api-key"]),
            ("claude-aws-us", "claude-aws-us", ["authorization"]),
            ("azure-gpt4o-eastus", "azure-gpt4o-eastus", ["api-key"]),
            ("local-llama", "local-llama", ["authorization"]),
        ];
        foreach (var (deployment, model, own) in wires)
        {
            foreach (var stream in (bool[])[false, true])
            {
                var answer = await AskAsync(gateway, model, stream, OfACaller + "\nConnection: close, X-Own, X-Data-Class, Authorization");

                Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
                Assert.DoesNotContain(Marker, answer, StringComparison.OrdinalIgnoreCase);
                Assert.Contains("phi", ValueOf(answer, "X-Data-Class"), StringComparison.Ordinal);
                var received = gateway.Fleet[deployment].Received[^1];
                Assert.Equal(
                    ((string[])["accept", "content-length", "content-type", "host", "user-agent", .. own]).Order(StringComparer.Ordinal),
                    received.Headers.Keys.Select(static name => name.ToLowerInvariant()).Order(StringComparer.Ordinal));
                Assert.DoesNotContain(Marker, $"{received.Path}{received.Query} {string.Join(' ', received.Headers.Values)} {received.Text}", StringComparison.OrdinalIgnoreCase);
            }
        }

        Assert.Equal(wires.Length * 2, gateway.Fleet.Received.Count);
    }

    [Fact]
    public async Task HeadersOfAProvider_EndAtTheGateway()
    {
        using var provider = RawProvider.Start();
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
            options.Address = one => one.Name == "local-llama" ? provider.Url : one.BaseUrl);
        foreach (var (stream, type, body) in ((bool, string, string)[])[(false, "application/json", Whole), (true, "text/event-stream", Stream)])
        {
            provider.Answer = Answer(200, type, body);

            var answer = await AskAsync(gateway, "local-llama", stream, "Connection: close");

            Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
            Assert.Contains("Said.", answer, StringComparison.Ordinal);
            Assert.DoesNotContain(Marker, answer, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(
                ((string[])[.. OfEveryAnswer, "x-deployment", .. (string[])(stream ? ["transfer-encoding", "x-accel-buffering"] : ["content-length"])]).Order(StringComparer.Ordinal),
                HeadersOf(answer));
            Assert.Equal("local-llama", ValueOf(answer, "X-Deployment"));
            Assert.Contains("phi", ValueOf(answer, "X-Data-Class"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(301, 503)]
    [InlineData(400, 400)]
    [InlineData(500, 503)]
    public async Task HeadersOfARefusingProvider_EndAtTheGateway(int status, int expected)
    {
        using var provider = RawProvider.Start();
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
            options.Address = one => one.Name == "local-llama" ? provider.Url : one.BaseUrl);
        provider.Answer = Answer(status, "application/json", $$"""{"error":{"message":"{{Marker}}","code":"{{Marker}}","type":"{{Marker}}"} }""");

        var answer = await AskAsync(gateway, "local-llama", stream: false, "Connection: close");

        Assert.StartsWith(FormattableString.Invariant($"HTTP/1.1 {expected} "), answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, answer, StringComparison.OrdinalIgnoreCase);
        string[] pause = expected == 503 ? ["retry-after", "retry-after-ms"] : [];
        Assert.Equal(((string[])[.. OfEveryAnswer, "content-length", "x-should-retry", .. pause]).Order(StringComparer.Ordinal), HeadersOf(answer));
    }

    /// <summary>In chunks, with a trailer behind the last.</summary>
    private static string Answer(int status, string type, string body)
    {
        var text = body.ReplaceLineEndings("\n");
        return FormattableString.Invariant($"HTTP/1.1 {status} {Marker}\r\n{OfAProvider.ReplaceLineEndings("\r\n")}\r\nContent-Type: {type}\r\n")
            + FormattableString.Invariant($"Transfer-Encoding: chunked\r\n\r\n{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n0\r\nX-Trailer: {Marker}\r\nSet-Cookie: late={Marker}\r\n\r\n");
    }

    /// <summary>Asks as bytes on a socket, in chunks with a trailer behind the last; the answer as it comes.</summary>
    private static async Task<string> AskAsync(GatewayUnderTest gateway, string model, bool stream, string headers)
    {
        JsonObject body = GatewayUnderTest.Chat(model, "Summarise.", stream);
        var text = body.ToJsonString();
        using TcpClient client = new();
        await client.ConnectAsync(gateway.DataPlane.Host, gateway.DataPlane.Port);
        await using var connection = client.GetStream();
        await connection.WriteAsync(Encoding.Latin1.GetBytes(
            $"POST /v1/chat/completions?{Marker}=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {gateway.Token("app")}\r\n"
            + $"X-Data-Class: phi\r\nX-Data-Subjects: us\r\nX-Purpose: treatment\r\n{headers.ReplaceLineEndings("\r\n")}\r\n"
            + FormattableString.Invariant($"Transfer-Encoding: chunked\r\n\r\n{text.Length:x}\r\n{text}\r\n0\r\nX-Trailer: {Marker}\r\n\r\n")));
        using StreamReader reader = new(connection, Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static string ValueOf(string answer, string header) =>
        Assert.Single(answer.Split("\r\n"), line => line.StartsWith(header + ": ", StringComparison.OrdinalIgnoreCase))[(header.Length + 2)..];

    private static IEnumerable<string> HeadersOf(string answer) => answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n")[1..]
        .Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant())
        .Order(StringComparer.Ordinal);
}
