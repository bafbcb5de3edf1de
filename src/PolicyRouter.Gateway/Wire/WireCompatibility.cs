using System.Diagnostics.CodeAnalysis;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// Whether a request can be carried by a wire without changing what it means. Where it cannot, the deployment is left out: no
/// request is changed silently.
/// </summary>
internal static class WireCompatibility
{
    /// <param name="missing">What is not offered, in fixed words that hold nothing of the request.</param>
    public static bool CanCarry(PromptDocument document, WireFormat wire, [NotNullWhen(false)] out string? missing)
    {
        if (document.Api.RouteOn(wire) is not { } route)
        {
            missing = wire switch
            {
                WireFormat.Bedrock => "wire bedrock",
                WireFormat.VertexAnthropic => "wire vertex-anthropic",
                WireFormat.VertexGemini => "wire vertex-gemini",
                _ => document.Api.Name,
            };
            return false;
        }

        // The translation itself is the test, so that the two cannot disagree.
        missing = null;
        return route.Translate is null || route.Translate(document.Raw, out missing) is not null;
    }
}
