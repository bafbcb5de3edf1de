using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Secrets;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Providers;

/// <summary>Sends an attempt through the adapter of its endpoint's wire.</summary>
internal sealed class ProviderSender
{
    private readonly OpenAiAdapter _openAi;
    private readonly AnthropicAdapter _anthropic;

    public ProviderSender(ProviderConnections connections, SecretResolver secrets, TimeProvider time)
    {
        ProviderCredentials credentials = new(secrets);
        ProviderCall call = new(time);
        _openAi = new OpenAiAdapter(connections, credentials, call);
        _anthropic = new AnthropicAdapter(connections, credentials, call, time);
    }

    /// <summary>Sends it once. Whether to try again, and where, is the caller's to decide and to record.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no adapter for the wire: a bug, because <see cref="Wire.WireCompatibility"/> keeps such deployments out of every plan.
    /// </exception>
    public Task<ProviderReply> SendAsync(OutboundRequest outbound, CancellationToken cancellationToken)
    {
        IProviderAdapter adapter = outbound.Endpoint.Wire switch
        {
            WireFormat.OpenAi or WireFormat.AzureOpenAi => _openAi,
            WireFormat.Anthropic => _anthropic,
            _ => throw new InvalidOperationException($"No adapter for wire {outbound.Endpoint.Wire}."),
        };
        return adapter.SendAsync(outbound, cancellationToken);
    }
}
