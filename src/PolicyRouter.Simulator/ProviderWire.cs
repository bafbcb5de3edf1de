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

    /// <summary>
    /// Amazon Bedrock with a Bedrock API key: <c>POST /model/{id}/invoke</c> and its stream for models of Anthropic's, which have
    /// <c>anthropic.</c> in their id, and <c>POST /openai/v1/chat/completions</c> for every other model.
    /// </summary>
    Bedrock,

    /// <summary>Anthropic's models on Google Vertex AI: <c>POST …/publishers/anthropic/models/{model}:rawPredict</c>.</summary>
    VertexAnthropic,

    /// <summary>Gemini on Google Vertex AI: <c>POST …/publishers/google/models/{model}:generateContent</c>.</summary>
    VertexGemini,
}
