using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>What <c>policyrouter serve</c> writes to its standard output and error, through success, denial, failure, retry, nonsense and shutdown.</summary>
public sealed class ProcessOutputTests
{
    private const string Marker = "zebrafish";
    private const string Ssn = "123-45-6789";
    private const string Forged = "{\"EventId\":1,\"LogLevel\":\"Critical\",\"Category\":\"zebrafish\",\"Message\":\"zebrafish\"}";
    private const int LongestLine = 4_096;

    /// <summary>Line breaks, a line of our own, terminal codes, text that runs backwards, and a lot; each holds the marker.</summary>
    private static readonly string[] Hostile =
    [
        $"{Marker}\n{Forged}\n",
        $"{Marker}\r\n{Forged}\r\n",
        $"{Marker}\u2028{Forged}\u2029{Forged}\u0085{Forged}",
        $"\u001b]0;{Marker}\u0007\u001b[2J\u001b[31m{Marker}\u009b31m",
        $"\u202e{Marker}\u202c\u2066{Marker}\u2069",
        $"{Marker}\0{Marker}\b\b\b\u007f",
        $"{{{Marker}}} {{0}} %s %n ${{jndi:ldap://{Marker}}}",
        new StringBuilder().Insert(0, Marker, 120_000).ToString(),
    ];

    private static readonly string[] Members = ["Timestamp", "EventId", "LogLevel", "Category", "Message", "State"];

    [Fact]
    public async Task Output_IsLinesOfOurOwnOnly_WithNothingThatACallerChose_NoPrompt_NoKeyAndNoToken()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var serve = await ServeProcess.StartAsync(gateway, drainSeconds: 0);
        var data = await serve.DataPlaneAsync();
        var control = await serve.ControlPlaneAsync();
        var token = gateway.Token("app");

        await AnswerAndFailAsync(gateway, data, token);
        await SayNonsenseAsync(data, token);
        await SayNonsenseInAddressesAsync(data, token);
        await SayNonsenseInAddressesAsync(control, token);
        await SayNonsenseInHeadersAsync(data, token);

        // Still itself.
        Assert.Equal(HttpStatusCode.OK, await AskAsync(data, token, Prompt()));
        await serve.SignalAsync("-TERM");
        Assert.Equal(0, await serve.ExitCodeAsync());

        var (output, errors) = await serve.OutputAsync();
        Assert.Equal("", errors);
        foreach (var code in (string[])["no_permitted_provider", "purpose_not_allowed", "status_401", "malformed_answer", "answer_cut", "status_429", "status_503", "Not ready any more"])
        {
            Assert.True(output.Any(line => line.Contains(code, StringComparison.Ordinal)), $"No line says {code}.");
        }

        string[] secrets =
        [
            Marker, Ssn, "123456789", token, token.Split('.')[2], gateway.Token("auditor"), "Forged", "jndi",
            .. gateway.Fleet.Providers.Select(static provider => provider.Credential!),
        ];
        foreach (var line in output)
        {
            Assert.True(line.Length <= LongestLine, line);
            using var entry = JsonDocument.Parse(line);
            Assert.All(entry.RootElement.EnumerateObject(), static member => Assert.Contains(member.Name, Members));
            Assert.NotEqual("Critical", entry.RootElement.GetProperty("LogLevel").GetString());

            // As written, and as whoever reads the log sees it.
            foreach (var text in (string[])[line, .. TextsOf(entry.RootElement)])
            {
                Assert.DoesNotContain(text, static character => char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
                Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    private static JsonObject Prompt(bool stream = false) => GatewayUnderTest.Chat("clinical-chat", $"The {Marker} of the patient with SSN {Ssn}.", stream);

    private static async Task AnswerAndFailAsync(GatewayUnderTest gateway, Uri data, string token)
    {
        var claude = gateway.Fleet["claude-anthropic"];
        Assert.Equal(HttpStatusCode.OK, await AskAsync(data, token, Prompt()));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(data, token, Prompt(stream: true), purpose: "payment"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(data, token, Prompt(), dataClass: "sud-part2", purpose: "research"));
        claude.Next(Fault.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(data, token, Prompt()));
        claude.Next(Fault.Malformed());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(data, token, Prompt()));
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Behave(Fault.Cut());
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(data, token, Prompt(stream: true)));

        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Recover();
        }

        // The same target again, as nobody else is left.
        var local = GatewayUnderTest.Chat("local-llama", Marker);
        gateway.Fleet["local-llama"].Next(Fault.RateLimited(TimeSpan.Zero));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(data, token, local));
        gateway.Fleet["local-llama"].Next(Fault.Unavailable);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(data, token, local));
    }

    /// <summary>In every value of a body that is the caller's to choose, and in each header that ASCII can carry.</summary>
    private static async Task SayNonsenseAsync(Uri data, string token)
    {
        foreach (var value in Hostile)
        {
            List<JsonObject> bodies = [];
            foreach (var member in (string[])["model", "user", "purpose", "stop", "safety_identifier", value])
            {
                var top = Prompt();
                top[member] = value;
                bodies.Add(top);
            }

            foreach (var member in (string[])["purpose", "data_class", "data_subjects", "session_id", value])
            {
                var metadata = Prompt();
                metadata["metadata"] = new JsonObject { [member] = value };
                bodies.Add(metadata);
            }

            foreach (var member in (string[])["role", "name", "tool_call_id", "content"])
            {
                var message = Prompt();
                message["messages"]![0]![member] = value;
                bodies.Add(message);
            }

            var tool = Prompt();
            tool["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = value, ["description"] = value } });
            bodies.Add(tool);

            // A megabyte takes its time; every fourth place is enough for it.
            foreach (var body in bodies.Where((_, place) => value.Length < 10_000 || place % 4 == 0))
            {
                await AskAsync(data, token, body);
            }
        }
    }

    /// <summary>In the path, the query and the method, as bytes; tokens where they do not belong.</summary>
    private static async Task SayNonsenseInAddressesAsync(Uri plane, string token)
    {
        string[] addresses = [$"/v1/models?access_token={token}", $"/v1/{token}", $"/api/decisions?access_token={token}&caller={Marker}", $"/v1/models?{token}", $"http://{Marker}/{token}"];
        foreach (var address in addresses)
        {
            await SendAsync(plane, $"GET {address} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
            await SendAsync(plane, $"GET {address} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
        }

        foreach (var value in Hostile)
        {
            // Heads have room for 32 KB; the rest is refused as it is.
            var escaped = Uri.EscapeDataString(value)[..Math.Min(Uri.EscapeDataString(value).Length, 4_000)];
            var raw = value[..Math.Min(value.Length, 4_000)];
            await SendAsync(plane, $"GET /v1/{escaped}?{escaped}={escaped} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
            await SendAsync(plane, $"GET /v1/models?{value} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
            await SendAsync(plane, $"{raw} /v1/models HTTP/1.1\r\nHost: {raw}\r\nConnection: close\r\n\r\n");
            await SendAsync(plane, $"GET /v1/models HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nX-{raw}: {raw}\r\n\r\n");
        }
    }

    /// <summary>In the values of headers, those that mean something here and others.</summary>
    private static async Task SayNonsenseInHeadersAsync(Uri plane, string token)
    {
        foreach (var value in Hostile)
        {
            var raw = value[..Math.Min(value.Length, 4_000)].ReplaceLineEndings("\t");
            foreach (var header in (string[])
            [
                "X-Data-Class", "X-Data-Subjects", "X-Purpose", "X-Dry-Run", "X-Session-Id", "X-Break-Glass", "X-Approval", "Idempotency-Key", "x-stainless-retry-count", "Authorization", "x-api-key",
                "anthropic-beta", "User-Agent", "Cookie", "traceparent", "baggage", "X-Forwarded-For", "Content-Type", "Content-Encoding", "Expect", "Connection", "Host", "X-Own",
            ])
            {
                var isMessages = header is "anthropic-beta" or "x-api-key";
                var question = Prompt();
                question["max_tokens"] = 100;
                var body = question.ToJsonString();
                var authorization = header == "Authorization" ? "" : $"Authorization: Bearer {token}\r\n";
                await SendAsync(plane, string.Create(
                    CultureInfo.InvariantCulture,
                    $"POST /v1/{(isMessages ? "messages" : "chat/completions")} HTTP/1.1\r\nHost: gateway\r\n{authorization}Connection: close\r\nContent-Length: {body.Length}\r\n{header}: {raw}\r\n\r\n{body}"));
            }
        }
    }

    private static async Task<HttpStatusCode> AskAsync(Uri plane, string token, JsonObject body, string dataClass = "phi", string purpose = "treatment")
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(plane, "/v1/chat/completions")) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Add("Authorization", $"Bearer {token}");
        request.Headers.Add("X-Data-Class", dataClass);
        request.Headers.Add("X-Data-Subjects", "us");
        request.Headers.Add("X-Purpose", purpose);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>Sends bytes and waits for the other side to close, as the bytes ask it to; what it says to nonsense does not matter here.</summary>
    private static async Task SendAsync(Uri plane, string text)
    {
        using TcpClient client = new();
        await client.ConnectAsync(plane.Host, plane.Port);
        await using var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
            await stream.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (IOException)
        {
            // Reset: refused before it was read.
        }
    }

    private static IEnumerable<string> TextsOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(static member => TextsOf(member.Value).Append(member.Name)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(TextsOf),
        JsonValueKind.String => [json.GetString()!],
        _ => [],
    };
}
