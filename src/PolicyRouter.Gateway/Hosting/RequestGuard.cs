using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>
/// The first middleware: gives every request its id, refuses what two parsers could read differently, and turns a failure that nothing
/// else caught into an answer without detail.
/// </summary>
internal sealed class RequestGuard(
    RequestDelegate next, PolicySource policies, LimitsSettings limits, Readiness readiness, TimeProvider time, ILogger<RequestGuard> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (http.Features.Get<ListenerPlane>()?.Plane == Plane.Data)
        {
            // Whatever answers, the pipeline or a refusal before it. The pipeline writes its own values over these.
            DataPlaneHeaders.Write(
                http.Response, new DataPlaneHeaders { PolicyVersion = policies.Active?.Version, Overhead = time.GetElapsedTime(started) });
        }
        else
        {
            http.Response.Headers["x-request-id"] = DataPlaneHeaders.RequestIdOf(http).ToString();
        }

        if (readiness.IsDraining)
        {
            // Answered like any other; but a connection that is kept alive would come to its end here.
            http.Connection.RequestClose();
        }

        try
        {
            if (FaultOf(http) is { } fault)
            {
                http.Response.Headers.Connection = "close";
                await PlaneErrors.WriteAsync(http, fault);
                return;
            }

            await next(http);
        }
        catch (BadHttpRequestException error) when (!http.Response.HasStarted)
        {
            var answer = error.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? GatewayError.RequestTooLarge(limits.MaxBodyBytes)
                : GatewayError.InvalidRequest("The request could not be read.", null) with { Status = error.StatusCode };
            await PlaneErrors.WriteAsync(http, answer);
        }
        catch (Exception error) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            // The edge: whatever it is, the caller learns no detail, and neither does the server's own log, which would quote it.
            logger.RequestFailed(DataPlaneHeaders.RequestIdOf(http), error.GetType().Name);
            await PlaneErrors.WriteAsync(http, GatewayError.Internal());
        }
    }

    private GatewayError? FaultOf(HttpContext http)
    {
        var request = http.Request;
        foreach (var (name, values) in request.Headers)
        {
            // X_Auth_User and X-Auth-User are one name to some servers behind or before us.
            if (name.Contains('_', StringComparison.Ordinal))
            {
                return GatewayError.InvalidRequest("A header name contains an underscore.", null);
            }

            if (values.Count > 1 && name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                return GatewayError.InvalidRequest("Content-Type is given twice.", "Content-Type");
            }
        }

        // Kestrel keeps a Content-Length that came beside Transfer-Encoding under this name (RFC 9112, section 6.1: possible smuggling).
        if (request.Headers.ContainsKey("X-Content-Length"))
        {
            return GatewayError.InvalidRequest("Content-Length and Transfer-Encoding cannot be given together.", null);
        }

        // Nothing is unpacked here, and something before us may have looked into what it unpacked.
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
        {
            return GatewayError.InvalidRequest("Bodies are taken as they are, not packed.", "Content-Encoding");
        }

        // RFC 6750, section 5.3: a token in an address ends up in logs and histories.
        if (request.Headers.Authorization.Count > 1 || request.Query.ContainsKey("access_token"))
        {
            return GatewayError.InvalidToken();
        }

        return request.ContentLength > limits.MaxBodyBytes ? GatewayError.RequestTooLarge(limits.MaxBodyBytes) : null;
    }
}
