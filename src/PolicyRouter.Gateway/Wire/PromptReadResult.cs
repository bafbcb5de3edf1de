namespace PolicyRouter.Gateway.Wire;

/// <summary>What became of reading a request body.</summary>
public abstract record PromptReadResult
{
    private PromptReadResult()
    {
    }

    public sealed record Ok(PromptDocument Document) : PromptReadResult;

    /// <summary>The body is not a request the gateway can vouch for; the error says where, never what.</summary>
    public sealed record Invalid(GatewayError Error) : PromptReadResult;
}
