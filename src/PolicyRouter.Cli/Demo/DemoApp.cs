using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PolicyRouter.Cli.Demo;

/// <summary>A client app: plain HTTP in the OpenAI wire format, with a changed base URL and nothing else.</summary>
internal sealed partial class DemoApp(Uri gateway, string token, TimeProvider time) : IDisposable
{
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A client app of the demonstration, to the gateway in this process.")]
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    public async Task<DemoOutcome> AskAsync(DemoRequest request, string phase, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, new Uri(gateway, "/v1/chat/completions"))
        {
            Content = new ByteArrayContent(request.Body()),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        AddIfPresent(message, "X-Data-Class", request.Kind.DataClass);
        AddIfPresent(message, "X-Data-Subjects", request.Kind.Subjects);
        AddIfPresent(message, "X-Purpose", request.Kind.Purpose);

        var started = time.GetTimestamp();
        using var response = await _http.SendAsync(message, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var elapsed = time.GetElapsedTime(started);
        var served = response.StatusCode == HttpStatusCode.OK;
        var (code, why) = served ? (null, []) : ErrorOf(body);
        return new DemoOutcome(
            request,
            phase,
            (int)response.StatusCode,
            code,
            why,
            Guid.Parse(Header(response, "X-Decision-Id") ?? throw new InvalidDataException("An answer of the gateway has no X-Decision-Id.")),
            Header(response, "X-Deployment"),
            int.Parse(Header(response, "X-Attempts") ?? "0", CultureInfo.InvariantCulture),
            int.Parse(Header(response, "X-Redactions") ?? "0", CultureInfo.InvariantCulture),
            elapsed,
            served ? request.IsStreaming ? StreamedText(body) : WholeText(body) : null);
    }

    public void Dispose() => _http.Dispose();

    private static void AddIfPresent(HttpRequestMessage message, string name, string? value)
    {
        if (value is not null)
        {
            message.Headers.Add(name, value);
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    private static (string? Code, IReadOnlyList<string> Why) ErrorOf(string body)
    {
        using var json = JsonDocument.Parse(body);
        var error = json.RootElement.GetProperty("error");
        return (
            error.GetProperty("code").GetString(),
            [.. Reasons().Matches(error.GetProperty("message").GetString() ?? "").Select(static match => match.Value).Distinct(StringComparer.Ordinal)]);
    }

    private static string WholeText(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString() ?? "";
    }

    /// <summary>Joins the deltas of a stream; a stream without its end mark is a broken answer.</summary>
    private static string StreamedText(string body)
    {
        StringBuilder text = new();
        var ended = false;
        foreach (var line in body.Split('\n'))
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
            {
                continue;
            }

            var data = line["data: ".Length..];
            if (data == "[DONE]")
            {
                ended = true;
                continue;
            }

            using var json = JsonDocument.Parse(data);
            if (json.RootElement.TryGetProperty("choices", out var choices)
                && choices.GetArrayLength() > 0
                && choices[0].GetProperty("delta").TryGetProperty("content", out var content))
            {
                text.Append(content.GetString());
            }
        }

        return ended ? text.ToString() : throw new InvalidDataException("A stream ended without [DONE].");
    }

    /// <summary>Ids of forbidding rules, and the fixed words for a missing permit.</summary>
    [GeneratedRegex(@"\bF-[A-Z0-9-]+|no permit for [a-z0-9-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Reasons();
}
