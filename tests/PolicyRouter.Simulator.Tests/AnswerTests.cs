using CsCheck;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class AnswerTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.String[Gen.Char["PERSON_7QX12 .é€"]],
        Gen.Select(Gen.String[Gen.Char["ab "]], Gen.Int[1, 40], (text, count) => text + string.Concat(Enumerable.Repeat("𝄞", count))));

    [Fact]
    public void ThePiecesOfAnyAnswer_JoinToTheAnswer() =>
        Gen.Select(Texts, Gen.ULong).Sample((text, seed) =>
        {
            var pieces = AnswerPieces.Of(new Answer(text), choices: 1, seed);
            Assert.Equal(text, string.Concat(pieces.Select(piece => piece.Text.ToString())));
        });

    [Fact]
    public void NoPiece_IsEmptyOrEndsInsideASurrogatePair() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 60], Gen.ULong).Sample((letters, clefs, seed) =>
        {
            var text = new string('a', letters) + string.Concat(Enumerable.Repeat("𝄞", clefs));
            foreach (var piece in AnswerPieces.Of(new Answer(text), choices: 1, seed))
            {
                Assert.NotEqual(0, piece.Text.Length);
                Assert.False(char.IsHighSurrogate(piece.Text.Span[^1]));
            }
        });

    [Fact]
    public void TheEchoOfAnyMessage_ContainsIt_AndIsTheSameForTheSameSeed() =>
        Gen.Select(Texts, Gen.ULong).Sample((text, seed) =>
        {
            Prompt prompt = new() { Model = "m", Stream = false, LastMessage = text };
            var answer = EchoAnswer.To(prompt, seed);
            Assert.Contains(text, answer.Text, StringComparison.Ordinal);
            Assert.Equal(answer.Text, EchoAnswer.To(prompt, seed).Text);
        });

    [Fact]
    public void AnotherSeed_CutsElsewhere()
    {
        Answer answer = new("a text that is long enough to be cut in several places");
        Assert.Equal(Lengths(answer, seed: 1), Lengths(answer, seed: 1));
        Assert.NotEqual(Lengths(answer, seed: 1), Lengths(answer, seed: 2));
    }

    [Fact]
    public void ALimitedAnswer_NeverHasMoreTokensThanAllowed() =>
        Gen.Select(Texts, Gen.Int[1, 50]).Sample((text, limit) =>
        {
            var answer = new Answer(text).Within(limit);
            Assert.True(answer.OutputTokens <= limit);
            Assert.StartsWith(answer.Text, text, StringComparison.Ordinal);
            Assert.Equal(answer.Text.Length < text.Length, answer.Finish is FinishReason.Length);
        });

    [Fact]
    public void AShare_HitsAboutThatShareOfTheRequests_TheSameOnesEachTime()
    {
        List<bool> Draw()
        {
            FaultSchedule schedule = new(Fault.None, seed: 7);
            schedule.Behave(Fault.ServerError, share: 0.25);
            return [.. Enumerable.Range(0, 2_000).Select(_ => schedule.Take(default) != Fault.None)];
        }

        Assert.InRange(Draw().Count(hit => hit), 400, 600);
        Assert.Equal(Draw(), Draw());
    }

    private static List<int> Lengths(Answer answer, ulong seed) => [.. AnswerPieces.Of(answer, choices: 1, seed).Select(piece => piece.Text.Length)];
}
