using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>One kind of error, two writers: the shape of the API called on the data plane, RFC 9457 problems on the control plane.</summary>
internal static class PlaneErrors
{
    public static Task WriteAsync(HttpContext http, GatewayError error) =>
        http.Features.Get<ListenerPlane>()?.Plane == Plane.Control
            ? WriteProblemAsync(http, error)
            : CallerApi.At(http.Request.Path).WriteErrorAsync(http.Response, error, http.RequestAborted);

    public static GatewayError NotFound() =>
        new(StatusCodes.Status404NotFound, "not_found", "invalid_request_error", "There is nothing at this address.");

    /// <summary>A problem of the control plane with members of its own.</summary>
    /// <param name="more">Writes them into the object.</param>
    public static Task WriteAsync(HttpContext http, GatewayError error, Action<Utf8JsonWriter> more) => WriteProblemAsync(http, error, more);

    private static async Task WriteProblemAsync(HttpContext http, GatewayError error, Action<Utf8JsonWriter>? more = null)
    {
        var response = http.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        RetryHeaders.Write(response, error);
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", $"urn:policyrouter:problem:{error.Code}");
            writer.WriteString("title", error.Message);
            writer.WriteNumber("status", error.Status);
            writer.WriteString("code", error.Code);
            writer.WriteString("requestId", DataPlaneHeaders.RequestIdOf(http));
            more?.Invoke(writer);
            writer.WriteEndObject();
        }

        response.ContentLength = buffer.Length;
        await response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), http.RequestAborted);
    }
}
