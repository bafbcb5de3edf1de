using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire.OpenAi;

namespace PolicyRouter.Gateway.Providers;

/// <summary>The OpenAI chat completions API, on Azure too, and everything compatible with it. The body goes out as it is.</summary>
internal sealed class OpenAiAdapter(ProviderConnections connections, ProviderCredentials credentials, ProviderCall call) : IProviderAdapter
{
    private static readonly OpenAiFormat Format = new();

    public async Task<ProviderReply> SendAsync(OutboundRequest outbound, CancellationToken cancellationToken)
    {
        var endpoint = outbound.Endpoint;
        var credential = await credentials.GetAsync(endpoint, cancellationToken);
        if (!credential.IsAvailable)
        {
            return new ProviderReply.Failed(new ProviderFailure(FailureKind.CredentialUnavailable));
        }

        using var request = ProviderRequests.Build(endpoint, credential.Secret, outbound.TakeBody(), outbound.IsStreaming);
        return await call.RunAsync(
            connections.For(endpoint, outbound.Deployment), request, Format, outbound.IsStreaming, endpoint.Timeouts, cancellationToken);
    }
}
