using PolicyRouter.Audit.Appending;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// One attempt, ready to leave. It can only be made from a deployment that the engine permitted, a prompt redacted for that
/// deployment, and a receipt for a durable record that authorises exactly that body for exactly that deployment. Adapters
/// take nothing else.
/// </summary>
public sealed class OutboundRequest
{
    private int _taken;

    private OutboundRequest(Endpoint endpoint, RedactedPrompt prompt)
    {
        Endpoint = endpoint;
        Prompt = prompt;
    }

    public Endpoint Endpoint { get; }
    public Deployment Deployment => Prompt.Target.Deployment;
    public Guid RequestId => Prompt.RequestId;
    public bool IsStreaming => Prompt.IsStreaming;
    internal CallerApi Api => Prompt.Api;
    internal IReadOnlyList<string> Betas => Prompt.Betas;
    private RedactedPrompt Prompt { get; }

    /// <summary>Joins the three proofs.</summary>
    /// <exception cref="InvalidOperationException">They do not belong together: a bug, and nothing is sent.</exception>
    public static OutboundRequest Create(PermittedDeployment permitted, RedactedPrompt redacted, AuditReceipt receipt)
    {
        ArgumentNullException.ThrowIfNull(permitted);
        ArgumentNullException.ThrowIfNull(redacted);
        ArgumentNullException.ThrowIfNull(receipt);
        if (!ReferenceEquals(redacted.Target, permitted))
        {
            throw new InvalidOperationException("The prompt was redacted for another deployment or by another decision.");
        }

        if (receipt.RequestId != redacted.RequestId
            || !string.Equals(receipt.AuthorizedDeployment, permitted.Deployment.Id, StringComparison.Ordinal)
            || !string.Equals(receipt.PolicyVersion, permitted.PolicyVersion, StringComparison.Ordinal)
            || !string.Equals(receipt.SentHash, redacted.Hash, StringComparison.Ordinal))
        {
            throw new InvalidOperationException("The receipt does not authorise this body for this deployment under this policy.");
        }

        if (receipt.IsSuspended)
        {
            throw new InvalidOperationException($"Deployment {permitted.Deployment.Id} was suspended before the record was made.");
        }

        if (!receipt.TryClaim())
        {
            throw new InvalidOperationException("The receipt was used for a send before: a second send needs a second record.");
        }

        return new OutboundRequest(
            permitted.Endpoint ?? throw new InvalidOperationException($"Deployment {permitted.Deployment.Id} has no endpoint."), redacted);
    }

    /// <summary>
    /// The body in the form of the caller's API. It can be taken once: a second send needs a second record.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was taken before.</exception>
    public ReadOnlyMemory<byte> TakeBody() =>
        Interlocked.Exchange(ref _taken, 1) == 0
            ? Prompt.Body
            : throw new InvalidOperationException("One record authorises one send.");
}
