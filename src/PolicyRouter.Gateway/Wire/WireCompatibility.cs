using System.Diagnostics.CodeAnalysis;
using PolicyRouter.Gateway.Wire.Anthropic;
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
        switch (wire)
        {
            case WireFormat.OpenAi or WireFormat.AzureOpenAi:
                missing = null;
                return true;

            case WireFormat.Anthropic:
                // The translation itself is the test, so that the two cannot disagree.
                return AnthropicRequest.Translate(document.Raw, out missing) is not null;

            default:
                missing = wire switch
                {
                    WireFormat.Bedrock => "wire bedrock",
                    WireFormat.VertexAnthropic => "wire vertex-anthropic",
                    WireFormat.VertexGemini => "wire vertex-gemini",
                    _ => "wire",
                };
                return false;
        }
    }
}
