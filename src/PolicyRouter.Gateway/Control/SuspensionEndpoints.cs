using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Control;

/// <summary>
/// The kill switch. A suspension is an event of the log; every permit reads the suspensions in the transaction that makes it durable, so that no node sends to
/// the deployment after this has been answered.
/// </summary>
internal sealed class SuspensionEndpoints(PolicySource policies, AuditConnection audit, NodeName node, TimeProvider time)
{
    private const int LongestReason = 500;
    private const int LargestBody = 4_096;

    /// <summary><c>POST /api/deployments/{id}/suspend</c> with <c>{"reason": "..."}</c>.</summary>
    public Task SuspendAsync(HttpContext http, string id) => SwitchAsync(http, id, suspend: true, (by, reason) => new DeploymentSuspended
    {
        Id = Guid.CreateVersion7(time.GetUtcNow()), At = time.GetUtcNow(), Deployment = id, By = by, Reason = reason, Node = node.Value,
    });

    /// <summary><c>POST /api/deployments/{id}/resume</c> with <c>{"reason": "..."}</c>.</summary>
    public Task ResumeAsync(HttpContext http, string id) => SwitchAsync(http, id, suspend: false, (by, reason) => new DeploymentResumed
    {
        Id = Guid.CreateVersion7(time.GetUtcNow()), At = time.GetUtcNow(), Deployment = id, By = by, Reason = reason, Node = node.Value,
    });

    private async Task SwitchAsync(HttpContext http, string id, bool suspend, Func<string, string, AuditEvent> entry)
    {
        var caller = Caller.Of(http.User);
        if (caller.Tenant.Length > 0)
        {
            await PlaneErrors.WriteAsync(http, new GatewayError(
                StatusCodes.Status403Forbidden, "suspension_not_allowed", "permission_error", "A deployment is suspended for every tenant; this token is for one."));
            return;
        }

        if (await ReasonAsync(http) is not { } reason)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest("The body is {\"reason\": \"...\"}, with 1 to 500 characters.", "reason"));
            return;
        }

        try
        {
            // A deployment that the policy no longer has can still be resumed, or its name would stay suspended for ever.
            var isKnown = policies.Active?.Deployments.Any(deployment => deployment.Id == id) is true || (await audit.Suspended(http.RequestAborted)).Contains(id);
            if (!isKnown)
            {
                await PlaneErrors.WriteAsync(http, PlaneErrors.NotFound());
                return;
            }

            await audit.Append(entry(caller.App, reason), http.RequestAborted);
            await ControlJson.WriteAsync(http, new { deployment = id, isSuspended = suspend });
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
    }

    private static async Task<string?> ReasonAsync(HttpContext http)
    {
        using var body = await BoundedBody.ReadAsync(http.Request.BodyReader, http.Request.ContentLength, LargestBody, http.RequestAborted);
        if (body is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body.Memory);
            return document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("reason", out var value)
                && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestReason } reason && !reason.Any(char.IsControl)
                    ? reason
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
