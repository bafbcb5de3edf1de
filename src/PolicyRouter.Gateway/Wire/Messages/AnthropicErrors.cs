using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>
/// Errors in the shape of the Anthropic API: <c>{"type":"error","error":{"type","message"},"request_id"}</c>. The stable code for programs stands beside them as
/// <c>error.code</c>, which its client libraries pass over.
/// </summary>
internal static class AnthropicErrors
{
    /// <summary>Writes status, headers and body. Only before anything else has been written.</summary>
    public static async Task WriteAsync(HttpResponse response, GatewayError error, CancellationToken cancellationToken = default)
    {
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.Headers["x-should-retry"] = error.ShouldRetry ? "true" : "false";
        RetryHeaders.Write(response, error);
        var body = Body(TypeOf(error.Status), error.Message, DataPlaneHeaders.RequestIdOf(response.HttpContext).ToString(), error.Code);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    /// <param name="requestId">Null in an event of a stream.</param>
    public static ReadOnlyMemory<byte> Body(string type, string message, string? requestId, string? code = null) => MessageJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "error");
        writer.WriteStartObject("error");
        writer.WriteString("type", type);
        writer.WriteString("message", message);
        if (code is not null)
        {
            writer.WriteString("code", code);
        }

        writer.WriteEndObject();
        if (requestId is not null)
        {
            writer.WriteString("request_id", requestId);
        }

        writer.WriteEndObject();
    });

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        StatusCodes.Status503ServiceUnavailable => "overloaded_error",
        StatusCodes.Status504GatewayTimeout => "timeout_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
