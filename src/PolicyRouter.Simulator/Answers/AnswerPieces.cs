namespace PolicyRouter.Simulator.Answers;

/// <summary>One streamed step: some text of a choice, the start of a tool call (<see cref="Text"/> is empty), or some of its arguments.</summary>
internal readonly record struct AnswerPiece(int Choice, PieceKind Kind, int Tool, ReadOnlyMemory<char> Text);

internal enum PieceKind
{
    Text,
    ToolStart,
    ToolArguments,
}

/// <summary>
/// Cuts an answer into the pieces of a stream. Cuts fall anywhere, in the middle of words and placeholders too, and in the same places
/// for the same seed and text; only a surrogate pair stays whole, because JSON text cannot carry half of one.
/// </summary>
internal static class AnswerPieces
{
    private const int LongestPiece = 12;

    /// <summary>Texts above this size (oversize answers) go out in large pieces: the point is the size.</summary>
    private const int LargeText = 32_768;

    private const int LargePiece = 4_096;

    public static IEnumerable<AnswerPiece> Of(Answer answer, int choices, ulong seed)
    {
        foreach (var slice in Slices(answer.Text, seed))
        {
            for (var choice = 0; choice < choices; choice++)
            {
                yield return new AnswerPiece(choice, PieceKind.Text, 0, slice);
            }
        }

        for (var tool = 0; tool < answer.ToolCalls.Count; tool++)
        {
            for (var choice = 0; choice < choices; choice++)
            {
                yield return new AnswerPiece(choice, PieceKind.ToolStart, tool, default);
            }

            foreach (var slice in Slices(answer.ToolCalls[tool].Arguments, seed))
            {
                for (var choice = 0; choice < choices; choice++)
                {
                    yield return new AnswerPiece(choice, PieceKind.ToolArguments, tool, slice);
                }
            }
        }
    }

    private static IEnumerable<ReadOnlyMemory<char>> Slices(string text, ulong seed)
    {
        Dice dice = new(Dice.SeedFor(seed, text));
        var isLarge = text.Length > LargeText;
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(text.Length, start + (isLarge ? LargePiece : 1 + dice.Next(LongestPiece)));
            if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
            {
                end++;
            }

            yield return text.AsMemory(start, end - start);
            start = end;
        }
    }
}
