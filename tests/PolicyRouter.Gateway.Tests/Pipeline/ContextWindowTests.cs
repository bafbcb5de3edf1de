using CsCheck;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Tests.Wire;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Pipeline;

public sealed class ContextWindowTests
{
    private static readonly RedactionSetup Setup = RedactionSetup.Of(ShippedPolicies.Snapshot);

    [Theory]
    [InlineData("", null)]
    [InlineData(""","max_tokens":100""", 100)]
    [InlineData(""","max_completion_tokens": 200 """, 200)]
    [InlineData(""","max_output_tokens":300""", 300)]
    [InlineData(""","max_tokens":null""", null)]
    [InlineData(""","max_tokens":-1""", null)]
    [InlineData(""","max_tokens":1e3""", null)]
    [InlineData(""","max_tokens":"100" """, null)]
    public void LongestAnswer_IsWhatTheRequestSays(string members, int? expected) => Assert.Equal(expected, Prompts.Read(Prompts.With(members)).LongestAnswer);

    [Fact]
    public void Prompt_FitsIfItsTokensAndThoseOfTheAnswerDo()
    {
        // Far more bytes than tokens.
        var prompt = Scan($$"""{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("hospital ", 500))}}"}]}""");

        Assert.InRange(prompt.Tokens, 500, 520);
        Assert.True(prompt.FitsInto(prompt.Tokens + 100));
        Assert.False(prompt.FitsInto(prompt.Tokens + 99));
    }

    [Fact]
    public void Prompt_ThatFitsByItsBytes_FitsByItsTokens() => Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 200], Gen.Int[0, 400]).Sample(static (text, window) =>
    {
        var prompt = Scan($$"""{"model":"m","messages":[{"role":"user","content":"{{text}}"}]}""");
        Assert.Equal(prompt.Tokens <= window, prompt.FitsInto(window));
    });

    private static ScannedPrompt Scan(string body) => ScannedPrompt.Scan(Prompts.Read(body, CallerApi.ChatCompletions), Setup);
}
