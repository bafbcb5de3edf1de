using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.Gateway.Admission;

/// <summary>After authorization, before anything of the body is read: requests to the data plane come in, or are refused in the form of the API they called.</summary>
internal sealed class AdmissionGate(RequestDelegate next, AdmissionDesk desk)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<ListenerPlane>()?.Plane != Plane.Data)
        {
            await next(http);
            return;
        }

        using var admitted = desk.Admit(Caller.Of(http.User), HttpMethods.IsPost(http.Request.Method) ? http.Request.ContentLength : 0);
        await (admitted.Error is { } error ? PlaneErrors.WriteAsync(http, error) : next(http));
    }
}
