using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// The body one permitted deployment may see: its duties done, its model name in place. Only <see cref="PromptRedactor"/>
/// makes one. The original text is not reachable from here.
/// </summary>
public sealed class RedactedPrompt
{
    internal RedactedPrompt(Guid requestId, PermittedDeployment target, PromptDocument document, ReadOnlyMemory<byte> body, int redactions, string hash)
    {
        RequestId = requestId;
        Target = target;
        Api = document.Api;
        Betas = document.Betas;
        Body = body;
        IsStreaming = document.IsStreaming;
        Redactions = redactions;
        Hash = hash;
    }

    public Guid RequestId { get; }

    /// <summary>The deployment it was redacted for. Another target means another redaction.</summary>
    public PermittedDeployment Target { get; }

    internal CallerApi Api { get; }

    internal IReadOnlyList<string> Betas { get; }

    /// <summary>In the form of the caller's API.</summary>
    public ReadOnlyMemory<byte> Body { get; }
    public bool IsStreaming { get; }

    /// <summary>How many findings were replaced.</summary>
    public int Redactions { get; }

    /// <summary>Keyed hash of <see cref="Body"/>; the receipt names the same.</summary>
    public string Hash { get; }
}
