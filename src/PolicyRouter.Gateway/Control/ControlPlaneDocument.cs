using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Control;

/// <summary>
/// <c>GET /openapi/v1.json</c>: the control plane described by its own endpoints. The copy in docs/openapi.json is compared with it by a test.
/// </summary>
internal static class ControlPlaneDocument
{
    private const string ProblemType = "application/problem+json";

    public static void Describe(IServiceCollection services) => services.AddOpenApi("v1", static options =>
    {
        options.ShouldInclude = static endpoint =>
            endpoint.ActionDescriptor.EndpointMetadata.OfType<ListenerPlane>().LastOrDefault()?.Plane is Plane.Control or Plane.Both;
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "PolicyRouter control plane", Version = "v1",
                Description = "Bearer tokens (JWT). Each operation names the role it asks for. Errors are problems by RFC 9457.",
            };
            // Where it listens is not the same everywhere.
            document.Servers = [];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            foreach (var asked in context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameters>().SelectMany(static parameters => parameters.Names))
            {
                (operation.Parameters ??= []).Add(new OpenApiParameter { Name = asked, In = ParameterLocation.Query, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            }

            return Task.CompletedTask;
        });
    });

    /// <summary>Says which role an endpoint asks for, which is also what it is opened for, and what it is for.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string role, string summary, string? more = null, params string[] query)
    {
        endpoint.RequireAuthorization(role);
        return endpoint
            .WithSummary(summary)
            .WithDescription($"Role: {role.Replace("-or-", " or ", StringComparison.Ordinal)}.{(more is null ? "" : " " + more)}")
            .WithMetadata(new QueryParameters(query))
            .Produces<JsonNode>(StatusCodes.Status200OK)
            .Fails(StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden);
    }

    /// <summary>Statuses of problems.</summary>
    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces(status, contentType: ProblemType);
        }

        return endpoint;
    }

    /// <summary>Keys of the query string that an endpoint knows.</summary>
    private sealed record QueryParameters(IReadOnlyList<string> Names);
}
