using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.Simulator.Tests;

/// <summary>Requests and answers of any of the wires.</summary>
internal static class Talk
{
    public static string PathOf(SimulatedProvider provider, bool stream = false) => provider.Wire switch
    {
        ProviderWire.OpenAi => "/v1/chat/completions",
        ProviderWire.AzureOpenAi => $"/openai/deployments/{provider.Model}/chat/completions?api-version=2024-10-21",
        ProviderWire.Bedrock when IsAnthropicsOnBedrock(provider) =>
            $"/model/{Uri.EscapeDataString(provider.Model)}/{(stream ? "invoke-with-response-stream" : "invoke")}",
        ProviderWire.Bedrock => "/openai/v1/chat/completions",
        ProviderWire.VertexAnthropic => VertexPath("anthropic", $"{provider.Model}:{(stream ? "streamRawPredict" : "rawPredict")}"),
        ProviderWire.VertexGemini => VertexPath("google", $"{provider.Model}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}"),
        _ => "/v1/messages",
    };

    public static string VertexPath(string publisher, string modelAndMethod) =>
        $"/v1/projects/acme-prod/locations/europe-west4/publishers/{publisher}/models/{modelAndMethod}";

    public static JsonObject Body(SimulatedProvider provider, string text, bool stream = false)
    {
        if (provider.Wire is ProviderWire.VertexGemini)
        {
            return new JsonObject
            {
                ["contents"] = new JsonArray(new JsonObject { ["role"] = "user", ["parts"] = new JsonArray(new JsonObject { ["text"] = text }) }),
            };
        }

        if (IsAnthropicsOnBedrock(provider) || provider.Wire is ProviderWire.VertexAnthropic)
        {
            return PlatformMessagesBody(provider.Wire, text, stream);
        }

        JsonObject body = new()
        {
            ["model"] = provider.Model,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        };
        if (stream)
        {
            body["stream"] = true;
        }

        if (provider.Wire is ProviderWire.Anthropic)
        {
            body["max_tokens"] = 4_000;
        }

        return body;
    }

    public static HttpRequestMessage Request(SimulatedProvider provider, JsonNode body, string? path = null, string? credential = null) =>
        Request(provider, body.ToJsonString(), path, credential);

    public static HttpRequestMessage Request(SimulatedProvider provider, string body, string? path = null, string? credential = null)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(provider.BaseUrl, path ?? PathOf(provider)))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        AddCredential(provider.Wire, request, credential ?? provider.Credential!);
        return request;
    }

    public static void AddCredential(ProviderWire wire, HttpRequestMessage request, string credential)
    {
        switch (wire)
        {
            case ProviderWire.OpenAi or ProviderWire.Bedrock or ProviderWire.VertexAnthropic or ProviderWire.VertexGemini:
                request.Headers.Add("Authorization", $"Bearer {credential}");
                break;
            case ProviderWire.AzureOpenAi:
                request.Headers.Add("api-key", credential);
                break;
            default:
                request.Headers.Add("x-api-key", credential);
                request.Headers.Add("anthropic-version", "2023-06-01");
                break;
        }
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }

    /// <summary>The text of a whole answer of any wire.</summary>
    public static string TextOf(JsonElement answer) => answer.TryGetProperty("choices", out var choices)
        ? choices[0].GetProperty("message").GetProperty("content").GetString()!
        : answer.TryGetProperty("candidates", out var candidates)
            ? TextOfCandidate(candidates[0])
            : answer.GetProperty("content")[0].GetProperty("text").GetString()!;

    /// <summary>The text in the parts of a Gemini candidate, which may have none.</summary>
    public static string TextOfCandidate(JsonElement candidate) => candidate.GetProperty("content").TryGetProperty("parts", out var parts)
        ? string.Concat(parts.EnumerateArray().Select(part => part.TryGetProperty("text", out var text) ? text.GetString() : ""))
        : "";

    /// <summary>Reads a whole stream; throws what the socket throws if it is cut.</summary>
    public static async Task<List<SseEvent>> EventsAsync(HttpResponseMessage response)
    {
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        return SseEvent.Parse(await reader.ReadToEndAsync());
    }

    /// <summary>Reads until the connection breaks; returns what had arrived and the exception, if it broke.</summary>
    public static async Task<(string Text, Exception? Broken)> ReadUntilBrokenAsync(HttpResponseMessage response)
    {
        var (bytes, broken) = await ReadBytesUntilBrokenAsync(response);
        return (Encoding.UTF8.GetString(bytes), broken);
    }

    public static async Task<(byte[] Bytes, Exception? Broken)> ReadBytesUntilBrokenAsync(HttpResponseMessage response)
    {
        using MemoryStream bytes = new();
        var buffer = new byte[4_096];
        try
        {
            var stream = await response.Content.ReadAsStreamAsync();
            while (await stream.ReadAsync(buffer) is var read and > 0)
            {
                bytes.Write(buffer, 0, read);
            }

            return (bytes.ToArray(), null);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return (bytes.ToArray(), exception);
        }
    }

    private static bool IsAnthropicsOnBedrock(SimulatedProvider provider) =>
        provider.Wire is ProviderWire.Bedrock && provider.Model.Contains("anthropic.", StringComparison.Ordinal);

    /// <summary>A messages body as the cloud platforms want it: without a model.</summary>
    private static JsonObject PlatformMessagesBody(ProviderWire wire, string text, bool stream)
    {
        JsonObject body = new()
        {
            ["anthropic_version"] = wire is ProviderWire.Bedrock ? "bedrock-2023-05-31" : "vertex-2023-10-16",
            ["max_tokens"] = 4_000,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        };
        if (stream && wire is not ProviderWire.Bedrock)
        {
            body["stream"] = true;
        }

        return body;
    }
}

