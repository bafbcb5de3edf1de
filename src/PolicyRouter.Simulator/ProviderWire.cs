namespace PolicyRouter.Simulator;

/// <summary>The wire format a simulated provider speaks.</summary>
public enum ProviderWire
{
    /// <summary><c>POST …/chat/completions</c> with a bearer key: OpenAI, vLLM, Ollama and every compatible server.</summary>
    OpenAi,

    /// <summary>Azure OpenAI: the classic deployment path with <c>api-version</c>, and the v1 path.</summary>
    AzureOpenAi,

    /// <summary><c>POST /v1/messages</c> with <c>x-api-key</c> and <c>anthropic-version</c>.</summary>
    Anthropic,
}
