using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Admission;

/// <summary>The tokens that a request took from its app's minute, estimated before it is sent, settled by what the provider counted.</summary>
internal sealed class TokenAllowance(MinuteLease? lease, GatewayError? error) : IDisposable
{
    /// <summary>For apps without a limit.</summary>
    public static TokenAllowance Unlimited { get; } = new(null, null);

    /// <summary>Null when the tokens were granted.</summary>
    public GatewayError? Error { get; } = error;

    /// <summary>What the request really used. Counts once.</summary>
    public void Settle(long used) => lease?.Settle(used);

    /// <summary>A request that never came so far as to be sent has used nothing.</summary>
    public void Dispose() => lease?.Settle(0);
}
