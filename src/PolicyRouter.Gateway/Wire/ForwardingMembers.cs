using System.Collections.Frozen;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// The members of a body, in any API and of any provider, that make whoever gets the prompt pass it on. Some readers fold case, so these words are the same in any.
/// </summary>
internal static class ForwardingMembers
{
    // OpenRouter: models, provider. LiteLLM: api_base, base_url, fallbacks and their kinds. vLLM: kv_transfer_params.
    private static readonly FrozenSet<string> Destinations = FrozenSet.ToFrozenSet(
        ["models", "provider", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "api_base", "base_url", "kv_transfer_params"],
        StringComparer.OrdinalIgnoreCase);

    // Azure OpenAI: data_sources. OpenRouter: plugins. xAI: search_parameters. Groq: compound_custom, search_settings. Cohere: connectors. Alibaba: enable_search. Anthropic: mcp_servers.
    private static readonly FrozenSet<string> Sources = FrozenSet.ToFrozenSet(
        ["data_sources", "dataSources", "plugins", "search_parameters", "search_settings", "compound_custom", "connectors", "enable_search", "web_search", "web_search_options", "mcp_servers"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with a member that says who else gets the prompt; null for any other.</summary>
    public static GatewayError? RefusalOf(string name) => Destinations.TryGetValue(name, out var destination)
        ? GatewayError.InvalidRequest($"`{destination}` says who else gets the prompt. That is for the policy to say: leave it out, and name a route in `model`.", destination)
        : null;

    /// <summary>True for a member by which the provider asks others: searches, plug-ins, connected data.</summary>
    public static bool AsksOthers(string name) => Sources.Contains(name);

    /// <summary>True for a kind of tool that a provider dates in its name, as in <c>bash_20250124</c>.</summary>
    public static bool IsDated(string kind, string name) =>
        kind.Length > name.Length && kind.StartsWith(name, StringComparison.Ordinal) && !kind.AsSpan(name.Length).ContainsAnyExceptInRange('0', '9');
}
