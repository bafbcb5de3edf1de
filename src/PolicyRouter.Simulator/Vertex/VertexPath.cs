using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>What <c>/v1/projects/{p}/locations/{l}/publishers/{publisher}/models/{model}:{method}</c> says.</summary>
internal readonly record struct VertexPath(string Model, string Method)
{
    /// <summary>Null for every other path, and for another publisher's.</summary>
    public static VertexPath? Of(HttpRequest request, string publisher)
    {
        if (request.Path.Value?.Split('/') is not
                ["", "v1", "projects", { Length: > 0 }, "locations", { Length: > 0 }, "publishers", var named, "models", var last]
            || named != publisher)
        {
            return null;
        }

        var colon = last.LastIndexOf(':');
        return colon > 0 ? new VertexPath(last[..colon], last[(colon + 1)..]) : null;
    }
}
