using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>Errors in the shape of the OpenAI API: <c>{"error":{"message","type","param","code"}}</c>, all four always there.</summary>
internal static class OpenAiErrors
{
    /// <summary>Writes status, headers and body. Only before anything else has been written.</summary>
    public static async Task WriteAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default)
    {
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.Headers["x-should-retry"] = error.ShouldRetry ? "true" : "false";
        RetryHeaders.Write(response, error);
        var body = Body(error.Message, error.Type, error.Param, error.Code);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    /// <summary>
    /// The last event of a stream that broke. The API has no standard form for this; the error object as an event, without
    /// <c>[DONE]</c> and without an invented finish reason, is what its client libraries raise an exception for.
    /// </summary>
    public static ReadOnlyMemory<byte> BrokenStream(ProviderFailure failure) =>
        Body("The provider's stream broke; the answer is incomplete.", "server_error", null, failure.Code);

    private static ReadOnlyMemory<byte> Body(string message, string type, string? param, string code)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using (Utf8JsonWriter writer = new(buffer, JsonText.Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("error");
            writer.WriteString("message", message);
            writer.WriteString("type", type);
            writer.WriteString("param", param);
            writer.WriteString("code", code);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
