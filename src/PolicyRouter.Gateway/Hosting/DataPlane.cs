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

    /// <summary>Routes and deployments in the shape of OpenAI's list: what may stand in <c>model</c>.</summary>
    private static Task ModelsAsync(HttpContext http, PolicySource policies)
    {
        if (policies.Active is not { } snapshot)
        {
            return PlaneErrors.WriteAsync(http, GatewayError.PolicyUnavailable());
        }

        var created = (policies.ActivatedAt ?? DateTimeOffset.UnixEpoch).ToUnixTimeSeconds();
        var routes = snapshot.Routes.Keys.Order(StringComparer.Ordinal).Select(name => Model(name, "route", created));
        var deployments = snapshot.Deployments.OrderBy(static deployment => deployment.Id, StringComparer.Ordinal)
            .Select(deployment => Model(deployment.Id, deployment.Provider, created));
        return ControlJson.WriteAsync(http, new { @object = "list", data = routes.Concat(deployments) });
    }

    private static object Model(string id, string ownedBy, long created) => new { id, @object = "model", created, owned_by = ownedBy };
}
