using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire;

/// <summary>How relaying a stream ended.</summary>
/// <param name="Failure">
/// Null when the answer is complete. Otherwise the caller got an error event and no <c>[DONE]</c>: abort the connection, because
/// some client libraries take a clean close for a clean end.
/// </param>
/// <param name="Events">How many chunks were written.</param>
internal sealed record RelayOutcome(ProviderFailure? Failure, int Events);
