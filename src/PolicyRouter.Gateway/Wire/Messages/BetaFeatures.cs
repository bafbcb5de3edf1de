using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>
/// The values of <c>anthropic-beta</c> that are passed on. A value switches members of the body on, and the body is judged like any other, so that where a
/// request is translated the value can stay behind. A value that is not listed here is refused: it might make the provider send the prompt elsewhere, as its
/// connectors do. Anthropic's documentation, "Beta headers"; Amazon's, "Anthropic Claude Messages API", <c>anthropic_beta</c>.
/// </summary>
internal static class BetaFeatures
{
    public const string Header = "anthropic-beta";

    // Those that Bedrock and Vertex know as well. What the others switch on is switched on there anyway, or cannot be.
    private static readonly string[] OnClouds =
    [
        "context-1m-2025-08-07", "context-management-2025-06-27", "effort-2025-11-24", "fine-grained-tool-streaming-2025-05-14",
        "interleaved-thinking-2025-05-14", "output-128k-2025-02-19", "token-efficient-tools-2025-02-19",
    ];

    private static readonly string[] Known =
    [
        .. OnClouds, "claude-code-20250219", "extended-cache-ttl-2025-04-11", "model-context-window-exceeded-2025-08-26", "pdfs-2024-09-25",
        "prompt-caching-2024-07-31", "structured-outputs-2025-11-13", "token-counting-2024-11-01",
    ];

    /// <summary>The values of a header, each once; false when one of them is not passed on.</summary>
    public static bool TryRead(StringValues header, [NotNullWhen(true)] out IReadOnlyList<string>? betas, [NotNullWhen(false)] out GatewayError? error)
    {
        List<string> read = [];
        foreach (var value in header.SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (Array.Find(Known, known => string.Equals(known, value, StringComparison.Ordinal)) is not { } known)
            {
                betas = null;
                error = GatewayError.InvalidRequest($"{Header} names a beta feature that is not passed on. Passed on: {string.Join(", ", Known.Order(StringComparer.Ordinal))}.", Header);
                return false;
            }

            if (!read.Contains(known))
            {
                read.Add(known);
            }
        }

        (betas, error) = (read, null);
        return true;
    }

    /// <summary>Those of the values that Anthropic's models know when they run at Amazon or Google.</summary>
    public static IReadOnlyList<string> KnownToClouds(IReadOnlyList<string> betas) => [.. betas.Where(OnClouds.Contains)];
}
