using System.Text;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Resilience.Drifting;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Anthropic;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Tests.Resilience.Drifting;

public class AnswerSamplesTests
{
    private static readonly EndpointTimeouts Timeouts = EndpointTimeouts.Default;

    [Theory]
    [InlineData("stop", 100, null, "")]
    [InlineData("length", 100, null, "Truncated")]
    [InlineData("length", 100, 100, "")]
    [InlineData("length", 100, 4_000, "Truncated")]
    [InlineData("content_filter", 100, null, "Refusals")]
    public void AnswerThatEnds_SaysWhatIsWrongWithIt(string reason, int tokens, int? longest, string bad)
    {
        AnswerFacts facts = new() { FinishReason = reason, OutputTokens = tokens, HasContent = true };

        Assert.Equal(bad, Bad(facts, longest));
    }

    [Fact]
    public void AnswerOfAnotherModel_OrWithoutContent_IsBad()
    {
        Assert.Equal("Empty", Bad(new AnswerFacts { FinishReason = "stop", OutputTokens = 1 }));
        Assert.Equal("OtherModel", Bad(new AnswerFacts { FinishReason = "stop", OutputTokens = 1, HasContent = true }, isOtherModel: true));
        Assert.Equal("Refusals", Bad(new AnswerFacts { FinishReason = "stop", OutputTokens = 1, HasContent = true, IsRefusal = true }));
    }

    [Fact]
    public void AnswerThatHasNotEnded_SaysNothingOfItsLength() =>
        Assert.Empty(AnswerSamples.OfAnswer(new AnswerFacts { HasContent = true }, null, isOtherModel: false, Timeouts));

    [Fact]
    public void TimePerToken_IsThatOfTheRestOfAStream_OrOfAWholeAnswer()
    {
        AnswerFacts stream = new() { FinishReason = "stop", OutputTokens = 101, HasContent = true, FirstToken = TimeSpan.FromSeconds(9), Writing = TimeSpan.FromSeconds(2) };
        AnswerFacts whole = new() { FinishReason = "stop", OutputTokens = 100, HasContent = true, Writing = TimeSpan.FromSeconds(3) };

        Assert.Contains(AnswerSamples.OfAnswer(stream, null, isOtherModel: false, Timeouts), static sample => sample is { Concern: Concern.Token, Value: 20 });
        Assert.Contains(AnswerSamples.OfAnswer(whole, null, isOtherModel: false, Timeouts), static sample => sample is { Concern: Concern.WholeToken, Value: 30 });
    }

    [Fact]
    public void FirstTokenThatDoesNotCome_IsASampleOfItsTime()
    {
        var samples = AnswerSamples.OfAttempt(
            new Attempted(new ProviderReply.Failed(new ProviderFailure(FailureKind.FirstTokenTimeout)), CountsAgainst: true), TimeSpan.FromSeconds(10), Timeouts);

        Assert.Contains(samples, static sample => sample is { Concern: Concern.Errors, Value: 1 });
        Assert.Contains(samples, static sample => sample is { Concern: Concern.FirstToken, Value: 10_000 });
    }

    [Theory]
    [InlineData("openai", """{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}""", true, false)]
    [InlineData("openai", """{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}""", false, false)]
    [InlineData("openai", """{"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}]}""", true, true)]
    [InlineData("openai", """{"choices":[{"message":{"content":null,"tool_calls":[{"id":"1"}]},"finish_reason":"tool_calls"}]}""", true, false)]
    [InlineData("anthropic", """{"content":[{"type":"text","text":""}],"stop_reason":"end_turn"}""", false, false)]
    [InlineData("anthropic", """{"content":[],"stop_reason":"end_turn"}""", false, false)]
    [InlineData("anthropic", """{"content":[{"type":"text","text":"yes"}],"stop_reason":"end_turn"}""", true, false)]
    [InlineData("messages", """{"content":[],"stop_reason":"end_turn"}""", false, false)]
    [InlineData("messages", """{"content":[{"type":"tool_use","id":"1","name":"n","input":{}}],"stop_reason":"tool_use"}""", true, false)]
    public void WholeAnswers_SayWhetherThereIsAnythingInThem(string wire, string body, bool hasContent, bool isRefusal)
    {
        AnswerFacts facts = new();
        IAnswerFormat format = wire switch
        {
            "openai" => new OpenAiFormat(),
            "anthropic" => new AnthropicFormat(TimeProvider.System),
            _ => new MessagesFormat(),
        };

        _ = format.ReadWhole(Encoding.UTF8.GetBytes(body), facts);

        Assert.Equal((hasContent, isRefusal), (facts.HasContent, facts.IsRefusal));
    }

    private static string Bad(AnswerFacts facts, int? longest = null, bool isOtherModel = false) => string.Join(
        ' ', AnswerSamples.OfAnswer(facts, longest, isOtherModel, Timeouts).Where(static sample => sample is { Value: 1, Concern: > Concern.WholeToken }).Select(static sample => sample.Concern));
}
