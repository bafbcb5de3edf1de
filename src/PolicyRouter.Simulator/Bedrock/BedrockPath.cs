using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PolicyRouter.Simulator.Bedrock;

/// <summary>What <c>/model/{id}/invoke</c> and <c>/model/{id}/invoke-with-response-stream</c> say.</summary>
internal readonly record struct BedrockPath(string Model, bool Stream)
{
    /// <summary>
    /// Null for every other path. Reads the path as it was sent: the server leaves an encoded slash, which the ids of inference
    /// profiles have, encoded in the path it has decoded.
    /// </summary>
    public static BedrockPath? Of(HttpRequest request)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return target.Split('?')[0].Split('/') switch
        {
            ["", "model", { Length: > 0 } id, "invoke"] => new BedrockPath(Uri.UnescapeDataString(id), Stream: false),
            ["", "model", { Length: > 0 } id, "invoke-with-response-stream"] => new BedrockPath(Uri.UnescapeDataString(id), Stream: true),
            _ => null,
        };
    }
}
