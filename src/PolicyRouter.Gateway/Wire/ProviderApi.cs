namespace PolicyRouter.Gateway.Wire;

/// <summary>An API that providers offer, whatever their address and envelope.</summary>
internal enum ProviderApi
{
    /// <summary>OpenAI's chat completions.</summary>
    ChatCompletions,

    /// <summary>OpenAI's embeddings.</summary>
    Embeddings,

    /// <summary>Anthropic's Messages.</summary>
    Messages,

    /// <summary>Counting the tokens of Anthropic's Messages.</summary>
    CountTokens,

    /// <summary>Google's generateContent.</summary>
    GenerateContent,
}
