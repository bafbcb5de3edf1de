using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Control;

/// <summary>Every address of the control plane, with the role it asks for.</summary>
internal static class ControlPlane
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new ListenerPlane(Plane.Control)).RequireAuthorization(CallerRoles.Operator);
        var api = app.MapGroup("/api").WithMetadata(new ListenerPlane(Plane.Control));
        api.MapGet("/decisions", static (HttpContext http, DecisionEndpoints decisions) => decisions.ListAsync(http))
            .RequireAuthorization(CallerRoles.Auditor);
        api.MapGet("/decisions/{id:guid}", static (HttpContext http, Guid id, DecisionEndpoints decisions) => decisions.ShowAsync(http, id))
            .RequireAuthorization(CallerRoles.Auditor);
        api.MapGet("/decisions/{id:guid}/proof", static (HttpContext http, Guid id, ProofEndpoints proofs) => proofs.ProveAsync(http, id))
            .RequireAuthorization(CallerRoles.Auditor);
        api.MapGet("/usage", static (HttpContext http, SumEndpoints sums) => sums.UsageAsync(http))
            .RequireAuthorization(CallerRoles.Auditor);
        api.MapGet("/disclosures", static (HttpContext http, SumEndpoints sums) => sums.DisclosuresAsync(http))
            .RequireAuthorization(CallerRoles.Auditor);
        api.MapGet("/checkpoints", static (HttpContext http, ProofEndpoints proofs) => proofs.CheckpointsAsync(http))
            .RequireAuthorization(CallerRoles.Auditor);
        api.MapGet("/export", static (HttpContext http, ExportEndpoint export) => export.ExportAsync(http))
            .RequireAuthorization(CallerRoles.Auditor);
        api.MapPost("/reads", static (HttpContext http, ReadEndpoints reads) => reads.RecordAsync(http))
            .RequireAuthorization(CallerRoles.Reader);
        api.MapGet("/policy", static (HttpContext http, PolicyEndpoints policy) => policy.PolicyAsync(http))
            .RequireAuthorization(CallerRoles.LegalOrAuditor);
        api.MapPost("/deployments/{id}/suspend", static (HttpContext http, string id, SuspensionEndpoints suspensions) => suspensions.SuspendAsync(http, id))
            .RequireAuthorization(CallerRoles.Operator);
        api.MapPost("/deployments/{id}/resume", static (HttpContext http, string id, SuspensionEndpoints suspensions) => suspensions.ResumeAsync(http, id))
            .RequireAuthorization(CallerRoles.Operator);
        api.MapGet("/deployments", static (HttpContext http, PolicyEndpoints policy) => policy.DeploymentsAsync(http))
            .RequireAuthorization(CallerRoles.Operator);
    }
}
