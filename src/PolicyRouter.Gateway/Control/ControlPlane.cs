using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Control;

/// <summary>Every address of the control plane, with the role it asks for.</summary>
internal static class ControlPlane
{
    private const string Json = "application/json";

    private static readonly string[] Filters = ["from", "to", "class", "app", "route", "deployment", "outcome", "rule", "policy", "text", "cursor", "limit"];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new ListenerPlane(Plane.Control)).RequireAuthorization(CallerRoles.Operator);
        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new ListenerPlane(Plane.Control)).RequireAuthorization(CallerRoles.Anyone);
        var api = app.MapGroup("/api").WithMetadata(new ListenerPlane(Plane.Control));
        MapHistory(api);
        MapPolicies(api);
        MapDeployments(api);
    }

    private static void MapHistory(RouteGroupBuilder api)
    {
        api.MapGet("/decisions", static (HttpContext http, DecisionEndpoints decisions) => decisions.ListAsync(http))
            .Describe(CallerRoles.Auditor, "Decisions, newest first.", "A filter that is not known is an error. The read is recorded.", Filters).Fails(400, 503);
        api.MapGet("/decisions/{id:guid}", static (HttpContext http, Guid id, DecisionEndpoints decisions) => decisions.ShowAsync(http, id))
            .Describe(CallerRoles.Auditor, "Every event of one request, as stored.", "The read is recorded.").Fails(404, 503);
        api.MapGet("/decisions/{id:guid}/proof", static (HttpContext http, Guid id, ProofEndpoints proofs) => proofs.ProveAsync(http, id))
            .Describe(CallerRoles.Auditor, "Every event of one request with its inclusion proof (RFC 6962) and signed checkpoint.", "The read is recorded.").Fails(404, 503);
        api.MapGet("/usage", static (HttpContext http, SumEndpoints sums) => sums.UsageAsync(http))
            .Describe(CallerRoles.Auditor, "Requests, tokens and cost by day.", "Sums follow the log: `asOf` says how far. The read is recorded.", "from", "to", "app", "route", "deployment", "cursor", "limit").Fails(400, 503);
        api.MapGet("/disclosures", static (HttpContext http, SumEndpoints sums) => sums.DisclosuresAsync(http))
            .Describe(CallerRoles.Auditor, "What classes of data were sent to whom, by day.", "Sums follow the log: `asOf` says how far. The read is recorded.", "from", "to", "app", "class", "deployment", "provider", "cursor", "limit").Fails(400, 503);
        api.MapGet("/checkpoints", static (HttpContext http, ProofEndpoints proofs) => proofs.CheckpointsAsync(http))
            .Describe(CallerRoles.Auditor, "The newest checkpoint of every log.").Fails(503);
        api.MapGet("/export", static (HttpContext http, ExportEndpoint export) => export.ExportAsync(http))
            .Describe(CallerRoles.Auditor, "History as a file.", "`format` is ndjson, csv or parquet. The export is recorded.", "format", "from", "to").Fails(400, 503);
        api.MapPost("/reads", static (HttpContext http, ReadEndpoints reads) => reads.RecordAsync(http))
            .Describe(CallerRoles.Reader, "Records that the caller reads history elsewhere.", "`query` is what was asked, `rows` how much it gave; 204 once it is durable.")
            .Accepts<object>(Json).Produces(204).Fails(400, 503);
    }

    private static void MapPolicies(RouteGroupBuilder api)
    {
        api.MapGet("/policy", static (HttpContext http, PolicyEndpoints policy) => policy.PolicyAsync(http))
            .Describe(CallerRoles.LegalOrAuditor, "What is in force on this node.", "With `at`, what was in force at that time, by node; that read is recorded.", "at").Fails(400, 503);
        api.MapGet("/policy/versions", static (HttpContext http, PolicyVersionEndpoints versions) => versions.ListAsync(http))
            .Describe(CallerRoles.LegalOrAuditor, "Versions that were in force, from when to when, and by which key they were signed.", "The read is recorded.").Fails(503);
        api.MapGet("/policy/versions/{hash}", static (HttpContext http, string hash, PolicyVersionEndpoints versions) => versions.ShowAsync(http, hash))
            .Describe(CallerRoles.LegalOrAuditor, "One version: its activations and, while it is in force on this node, its rules in English.", "The read is recorded.").Fails(404, 503);
        api.MapPost("/policy/evaluate", static (HttpContext http, EvaluateEndpoint evaluate) => evaluate.EvaluateAsync(http))
            .Describe(CallerRoles.Legal, "What the policy in force says of a request.", "Takes a line of `policy decide`: data, subjects, purpose, features, on, route. Nothing is sent.")
            .Accepts<object>(Json).Fails(400, 403, 404, 413, 503);
        api.MapPost("/policy/impact", static (HttpContext http, ImpactEndpoint impact) => impact.AnswerAsync(http))
            .Describe(
                CallerRoles.Legal, "What a draft would have changed about the newest recorded decisions.",
                "Takes {\"files\": {PATH: TEXT}, \"last\": 1 to 5000}, or a ZIP archive with ?last. A draft that does not load is 422 with its problems. The read is recorded.", "last")
            .Accepts<object>(Json, ImpactQuestion.ZipType).Fails(400, 413, 422, 503);
    }

    private static void MapDeployments(RouteGroupBuilder api)
    {
        api.MapGet("/deployments", static (HttpContext http, PolicyEndpoints policy) => policy.DeploymentsAsync(http))
            .Describe(CallerRoles.Operator, "Deployments with their health, breaker, latency and why.").Fails(503);
        api.MapPost("/deployments/{id}/suspend", static (HttpContext http, string id, SuspensionEndpoints suspensions) => suspensions.SuspendAsync(http, id))
            .Describe(CallerRoles.Operator, "Stops every node from sending to a deployment.", "Takes {\"reason\": \"...\"}.").Accepts<object>(Json).Fails(400, 404, 503);
        api.MapPost("/deployments/{id}/resume", static (HttpContext http, string id, SuspensionEndpoints suspensions) => suspensions.ResumeAsync(http, id))
            .Describe(CallerRoles.Operator, "Lets nodes send to a deployment again.", "Takes {\"reason\": \"...\"}.").Accepts<object>(Json).Fails(400, 404, 503);
    }
}
