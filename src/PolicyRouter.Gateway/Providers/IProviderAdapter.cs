using PolicyRouter.Gateway.Pipeline;

namespace PolicyRouter.Gateway.Providers;

/// <summary>Speaks one wire format. Takes nothing but an <see cref="OutboundRequest"/>, so nothing unrecorded can be sent.</summary>
internal interface IProviderAdapter
{
    /// <summary>Sends it once.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<ProviderReply> SendAsync(OutboundRequest outbound, CancellationToken cancellationToken);
}
