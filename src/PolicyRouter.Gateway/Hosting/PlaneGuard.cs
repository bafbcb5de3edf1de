using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>After routing: an endpoint of the other listener, or one that belongs to none, does not exist here.</summary>
internal sealed class PlaneGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var here = http.Features.Get<ListenerPlane>()?.Plane ?? Plane.None;
        var belongs = http.GetEndpoint()?.Metadata.GetMetadata<ListenerPlane>()?.Plane ?? Plane.None;
        return (here & belongs) == Plane.None ? PlaneErrors.WriteAsync(http, PlaneErrors.NotFound()) : next(http);
    }
}
