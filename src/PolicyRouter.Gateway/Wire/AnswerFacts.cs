namespace PolicyRouter.Gateway.Wire;

/// <summary>What an answer says about itself. Filled while it is read; never its text.</summary>
public sealed class AnswerFacts
{
    public long? InputTokens { get; set; }
    public long? OutputTokens { get; set; }

    /// <summary>Model id the provider says it used.</summary>
    public string? ResponseModel { get; set; }
    public string? FinishReason { get; set; }
}
