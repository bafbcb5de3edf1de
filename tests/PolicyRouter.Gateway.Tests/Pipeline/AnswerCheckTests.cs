using PolicyRouter.Gateway.Pipeline;

namespace PolicyRouter.Gateway.Tests.Pipeline;

public sealed class AnswerCheckTests
{
    [Theory]
    [InlineData("gpt-4o", "gpt-4o")]
    [InlineData("gpt-4o", "gpt-4o-2024-11-20")]
    [InlineData("gpt-4o-2024-11-20", "gpt-4o")]
    [InlineData("claude-sonnet-4-5", "claude-sonnet-4-5-20250929")]
    [InlineData("claude-sonnet-4-5@20250929", "claude-sonnet-4-5-20250929")]
    [InlineData("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929")]
    [InlineData("meta-llama/Llama-3.1-405B-Instruct", "llama-3.1-405b-instruct")]
    [InlineData("mistral-large-latest", "mistral-large-2411")]
    [InlineData("gemini-2.0-flash", "gemini-2.0-flash-001")]
    [InlineData("gemini-2.5-pro", "publishers/google/models/gemini-2.5-pro")]
    public void ModelIds_ThatNameTheSameModel_Match(string expected, string reported) => Assert.True(AnswerChecks.IsModel(expected, reported));

    [Theory]
    [InlineData("gpt-4o-2024-11-20", "gpt-4o-mini")]
    [InlineData("claude-sonnet-4-5", "claude-haiku-4-5")]
    [InlineData("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-20250514")]
    [InlineData("gpt-4o", "gpt-4o-mini")]
    [InlineData("gpt-4", "gpt-4.1")]
    [InlineData("claude-sonnet-4", "claude-sonnet-4-5")]
    [InlineData("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20260101")]
    [InlineData("llama-3.1-405b", "llama-3.1-70b")]
    [InlineData("gpt-4o", "")]
    [InlineData("gpt-4o", "openai/")]
    public void ModelIds_OfOtherModels_DoNot(string expected, string reported) => Assert.False(AnswerChecks.IsModel(expected, reported));
}
