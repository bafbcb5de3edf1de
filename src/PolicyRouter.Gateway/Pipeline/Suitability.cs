using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>Whether a permitted target can get this request unchanged. Asked again whenever the engine is.</summary>
internal static class Suitability
{
    /// <summary>The reason of a deployment that operators, or the registry's rules, have suspended.</summary>
    public const string Suspended = "suspended";

    /// <summary>What the target lacks, in fixed words that hold nothing of the request; null when nothing.</summary>
    /// <param name="suspended">Deployments that operators, or the registry's rules, have suspended.</param>
    public static string? Lack(ScannedPrompt prompt, PermittedDeployment target, IReadOnlySet<string> suspended)
    {
        if (suspended.Contains(target.Deployment.Id))
        {
            return Suspended;
        }

        if (target.Endpoint is not { } endpoint)
        {
            return "no endpoint";
        }

        if (!WireCompatibility.CanCarry(prompt.Document, endpoint, out var missing))
        {
            return $"feature not offered: {missing}";
        }

        if (endpoint.ContextWindow is { } window && !prompt.FitsInto(window))
        {
            return $"prompt over the context window of {window} tokens";
        }

        return PromptRedactor.CanRedact(prompt, target) ? null : PromptRedactor.Uninspectable;
    }
}
