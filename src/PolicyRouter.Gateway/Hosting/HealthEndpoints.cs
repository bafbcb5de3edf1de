using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PolicyRouter.Gateway.Callers;

namespace PolicyRouter.Gateway.Hosting;

/// <summary><c>/livez</c>, <c>/readyz</c> and <c>/startupz</c> on both listeners: yes or no, no detail for strangers.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("").WithMetadata(new ListenerPlane(Plane.Both)).RequireAuthorization(CallerRoles.Anyone);
        health.MapGet("/livez", static () => Answer(true));
        health.MapGet("/readyz", static (Readiness readiness) => Answer(readiness.IsReady));
        health.MapGet("/startupz", static (Readiness readiness) => Answer(readiness.IsStarted));
    }

    private static IResult Answer(bool good) =>
        Results.Text(good ? "ok" : "not ready", statusCode: good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
