using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Control;

/// <summary>
/// Records that somebody reads history elsewhere: the console, whose database role can write nothing, tells the gateway before it shows or exports
/// anything. The reader is who the token says.
/// </summary>
internal sealed class ReadEndpoints(AuditConnection audit, TimeProvider time)
{
    private const int LongestQuery = 4_000;
    private const int LargestBody = 16_384;

    /// <summary><c>POST /api/reads</c> with <c>{"query": "...", "rows": 50}</c>; 204 once it is durable.</summary>
    public async Task RecordAsync(HttpContext http)
    {
        var (query, rows) = await ReadAsync(http);
        if (query is null)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest("The body is {\"query\": \"...\", \"rows\": 50}.", null));
            return;
        }

        try
        {
            var now = time.GetUtcNow();
            await audit.Append(
                new HistoryRead { Id = Guid.CreateVersion7(now), At = now, Reader = Caller.Of(http.User).App, Query = query, Rows = rows }, http.RequestAborted);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
    }

    private static async Task<(string? Query, int Rows)> ReadAsync(HttpContext http)
    {
        using var body = await BoundedBody.ReadAsync(http.Request.BodyReader, http.Request.ContentLength, LargestBody, http.RequestAborted);
        if (body is null)
        {
            return default;
        }

        try
        {
            using var document = JsonDocument.Parse(body.Memory);
            return document.RootElement is { ValueKind: JsonValueKind.Object } read
                && read.TryGetProperty("query", out var asked) && asked.ValueKind is JsonValueKind.String
                && asked.GetString() is { Length: > 0 and <= LongestQuery } query && !query.Any(char.IsControl)
                && read.TryGetProperty("rows", out var counted) && counted.ValueKind is JsonValueKind.Number && counted.TryGetInt32(out var rows) && rows >= 0
                    ? (query, rows)
                    : default;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return default;
        }
    }
}
