namespace PolicyRouter.Gateway.Wire;

/// <summary>What an answer says about itself. Filled while it is read; never its text.</summary>
public sealed class AnswerFacts
{
    public long? InputTokens { get; set; }
    public long? OutputTokens { get; set; }

    /// <summary>Of the input tokens those that the provider read from its cache; null when it does not say.</summary>
    public long? CachedTokens { get; set; }

    /// <summary>Of the output tokens those that are no part of the answer: the model's thoughts; null when the provider does not say.</summary>
    public long? ReasoningTokens { get; set; }

    /// <summary>True when somebody listens to what is noted for traces only: set before the answer is read.</summary>
    public bool IsTraced { get; init; }

    /// <summary>The answer's own id, in the provider's words; null when it has none, or nobody listens.</summary>
    public string? ResponseId { get; set; }

    /// <summary>Model id the provider says it used.</summary>
    public string? ResponseModel { get; set; }
    public string? FinishReason { get; set; }

    /// <summary>Tokens of the texts of the answer as we count them, for providers that do not.</summary>
    public long CountedTokens { get; set; }

    /// <summary>Where the provider says the answer was made, in its own words (<c>us</c>, <c>East US</c>, <c>us-east-1</c>); null when it does not say.</summary>
    public string? RanIn { get; set; }

    /// <summary>True when it holds some text or a tool call.</summary>
    public bool HasContent { get; set; }

    /// <summary>True when the model says that it refuses.</summary>
    public bool IsRefusal { get; set; }

    /// <summary>How long a stream took to its first token; null for an answer that came whole.</summary>
    public TimeSpan? FirstToken { get; set; }

    /// <summary>How long the provider took for the rest of a stream, or for the whole of an answer that came whole: what the caller took to read is not in it.</summary>
    public TimeSpan? Writing { get; set; }

    /// <summary>Takes over what is known there; what is not known there stays.</summary>
    internal void Take(AnswerFacts others)
    {
        (InputTokens, OutputTokens) = (others.InputTokens ?? InputTokens, others.OutputTokens ?? OutputTokens);
        (ResponseModel, FinishReason) = (others.ResponseModel ?? ResponseModel, others.FinishReason ?? FinishReason);
        (CachedTokens, ReasoningTokens) = (others.CachedTokens ?? CachedTokens, others.ReasoningTokens ?? ReasoningTokens);
        ResponseId = IsTraced ? others.ResponseId ?? ResponseId : null;
        RanIn = others.RanIn ?? RanIn;
        (HasContent, IsRefusal) = (HasContent || others.HasContent, IsRefusal || others.IsRefusal);
        CountedTokens = Math.Max(CountedTokens, others.CountedTokens);
    }
}
