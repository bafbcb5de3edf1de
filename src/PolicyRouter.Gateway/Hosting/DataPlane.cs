using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Control;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>Every address of the data plane. All of them ask for the <c>app</c> role.</summary>
internal static class DataPlane
{
    public static RouteGroupBuilder Map(IEndpointRouteBuilder app)
    {
        var data = app.MapGroup("/v1").WithMetadata(new ListenerPlane(Plane.Data)).RequireAuthorization(CallerRoles.App);
        data.MapGet("/models", static (HttpContext http, PolicySource policies) => ModelsAsync(http, policies));
        data.MapPost("/chat/completions", static (HttpContext http, ChatPipeline pipeline) => pipeline.HandleAsync(http, CallerApi.ChatCompletions));
        data.MapPost("/responses", static (HttpContext http, ChatPipeline pipeline) => pipeline.HandleAsync(http, CallerApi.Responses));
        data.MapPost("/embeddings", static (HttpContext http, ChatPipeline pipeline) => pipeline.HandleAsync(http, CallerApi.Embeddings));
        data.MapPost("/messages", static (HttpContext http, ChatPipeline pipeline) => pipeline.HandleAsync(http, CallerApi.Messages));
        data.MapPost("/messages/count_tokens", static (HttpContext http, ChatPipeline pipeline) => pipeline.HandleAsync(http, CallerApi.CountTokens));
        return data;
    }

    /// <summary>Routes and deployments, which are what may stand in <c>model</c>, in the shape of OpenAI's list, or of Anthropic's for its client libraries.</summary>
    private static Task ModelsAsync(HttpContext http, PolicySource policies)
    {
        if (policies.Active is not { } snapshot)
        {
            return PlaneErrors.WriteAsync(http, GatewayError.PolicyUnavailable());
        }

        var created = policies.ActivatedAt ?? DateTimeOffset.UnixEpoch;
        List<(string Id, string OwnedBy)> models =
        [
            .. snapshot.Routes.Keys.Order(StringComparer.Ordinal).Select(static name => (name, "route")),
            .. snapshot.Deployments.OrderBy(static deployment => deployment.Id, StringComparer.Ordinal).Select(static deployment => (deployment.Id, deployment.Provider)),
        ];
        return http.Request.Headers.ContainsKey("anthropic-version")
            ? ControlJson.WriteAsync(http, new
            {
                data = models.Select(model => new { type = "model", id = model.Id, display_name = model.Id, created_at = created.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) }),
                has_more = false,
                first_id = models.Count > 0 ? models[0].Id : null,
                last_id = models.Count > 0 ? models[^1].Id : null,
            })
            : ControlJson.WriteAsync(http, new
            {
                @object = "list",
                data = models.Select(model => new { id = model.Id, @object = "model", created = created.ToUnixTimeSeconds(), owned_by = model.OwnedBy }),
            });
    }
}
