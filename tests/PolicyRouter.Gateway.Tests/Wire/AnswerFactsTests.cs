using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Anthropic;
using PolicyRouter.Gateway.Wire.Gemini;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Gateway.Wire.OpenAi;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>Tokens of answers whose provider counts them, and of those whose provider does not.</summary>
public sealed class AnswerFactsTests
{
    private const string Text = "The patient may go home today.";

    public static TheoryData<string, string, string> Wholes() => new()
    {
        { "openai", """{"choices":[{"message":{"role":"assistant","content":"TEXT"},"finish_reason":"stop"}]USAGE}""", ""","usage":{"prompt_tokens":7,"completion_tokens":8}""" },
        { "anthropic", """{"content":[{"type":"text","text":"TEXT"}],"stop_reason":"end_turn"USAGE}""", ""","usage":{"input_tokens":7,"output_tokens":8}""" },
        { "messages", """{"content":[{"type":"text","text":"TEXT"}],"stop_reason":"end_turn"USAGE}""", ""","usage":{"input_tokens":7,"output_tokens":8}""" },
        {
            "gemini", """{"candidates":[{"content":{"parts":[{"text":"TEXT"}]},"finishReason":"STOP"}]USAGE}""",
            ""","usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":8}"""
        },
    };

    [Theory]
    [MemberData(nameof(Wholes))]
    public void WholeAnswer_IsCountedByItsProvider_OrElseByUs(string format, string answer, string usage)
    {
        var counted = FactsOf(format, answer.Replace("USAGE", usage, StringComparison.Ordinal));
        Assert.Equal((7, 8), (counted.InputTokens, counted.OutputTokens));

        var uncounted = FactsOf(format, answer.Replace("USAGE", "", StringComparison.Ordinal));
        Assert.Equal((null, null, (long)TokenCount.Of(Text)), (uncounted.InputTokens, uncounted.OutputTokens, uncounted.CountedTokens));
    }

    [Fact]
    public void StreamOfMessages_IsCountedByUs_UntilItsProviderHasCountedTheWholeAnswer()
    {
        AnswerFacts facts = new();
        MessagesStreamFormat stream = new();
        Take("""{"type":"message_start","message":{"model":"claude","usage":{"input_tokens":7,"output_tokens":1}}}""");
        Take("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"The patient may"}}""");
        Take("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" go home today."}}""");
        Assert.Equal((7, null, (long)TokenCount.Of(Text)), (facts.InputTokens, facts.OutputTokens, facts.CountedTokens));

        Take("""{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":8}}""");
        Assert.Equal((7, 8), (facts.InputTokens, facts.OutputTokens));

        void Take(string data) => stream.Note(StreamChunk.Of(Prompts.Bytes(data)), facts);
    }

    [Fact]
    public void Chunks_AreCountedByUs_AndAUsageOfNothingIsNone()
    {
        AnswerFacts facts = new();
        Take("""{"choices":[{"delta":{"role":"assistant","content":"The patient may"}}]}""");
        Take("""{"choices":[{"delta":{"content":" go home today."}}]}""");
        Take("""{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}""");

        Assert.Equal((null, null, (long)TokenCount.Of(Text)), (facts.InputTokens, facts.OutputTokens, facts.CountedTokens));

        void Take(string data) => new OpenAiStreamFormat().Note(StreamChunk.Of(Prompts.Bytes(data)), facts);
    }

    private static AnswerFacts FactsOf(string format, string answer)
    {
        IAnswerFormat reader = format switch
        {
            "openai" => new OpenAiFormat(),
            "anthropic" => new AnthropicFormat(TimeProvider.System),
            "messages" => new MessagesFormat(),
            _ => new GeminiFormat(TimeProvider.System),
        };
        AnswerFacts facts = new();
        reader.ReadWhole(Prompts.Bytes(answer.Replace("TEXT", Text, StringComparison.Ordinal)), facts);
        return facts;
    }
}
