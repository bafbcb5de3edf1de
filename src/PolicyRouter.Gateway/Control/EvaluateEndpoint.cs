using System.Text;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Control;

/// <summary>
/// <c>POST /api/policy/evaluate</c>: what the policy in force on this node says of a request that nobody sent. Takes a line of <c>policy decide</c>, answers a decision
/// as <c>X-Dry-Run</c> does. Nothing is sent, and nothing of the log is read.
/// </summary>
internal sealed class EvaluateEndpoint(PolicySource policies, TimeProvider time)
{
    private const int LargestBody = 65_536;

    public async Task EvaluateAsync(HttpContext http)
    {
        if (policies.Active is not { } snapshot)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.PolicyUnavailable());
            return;
        }

        using var body = await BoundedBody.ReadAsync(http.Request.BodyReader, http.Request.ContentLength, LargestBody, http.RequestAborted);
        if (body is null)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.RequestTooLarge(LargestBody));
            return;
        }

        if (RequestLine.Read(Encoding.UTF8.GetString(body.Memory.Span), snapshot.DayOf(time.GetUtcNow()))?.Request is not { } request)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest(
                "The body is a request: {\"data\":[],\"subjects\":[],\"purpose\":\"\",\"features\":[],\"on\":\"2026-12-31\",\"route\":\"\"}, all of them optional, and nothing that is not known.", null));
            return;
        }

        if (request.Route is { } route && !snapshot.Offers(route))
        {
            await PlaneErrors.WriteAsync(http, GatewayError.ModelNotFound());
            return;
        }

        // What another tenant has forbidden itself is not this reader's business.
        var tenant = Caller.Of(http.User).Tenant;
        if (tenant.Length > 0 && request.Tenant is { Length: > 0 } other && other != tenant)
        {
            await PlaneErrors.WriteAsync(http, new GatewayError(
                StatusCodes.Status403Forbidden, "tenant_not_allowed", "permission_error", "This token is for one tenant, and the request names another.", "tenant"));
            return;
        }

        var decision = snapshot.Decide(tenant.Length > 0 ? request with { Tenant = tenant } : request);
        await ControlJson.WriteAsync(http, writer => DecisionJson.Write(writer, decision));
    }
}
