namespace PolicyRouter.Simulator.Answers;

/// <summary>What the model says, before any wire format.</summary>
public sealed record Answer(string Text)
{
    /// <summary>Functions the model wants called; with any, the answer finishes with <see cref="FinishReason.ToolCalls"/>.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    public FinishReason Finish { get; init; } = FinishReason.Stop;

    /// <summary>How the answer ends on the wire.</summary>
    internal FinishReason EffectiveFinish => ToolCalls.Count > 0 && Finish is FinishReason.Stop ? FinishReason.ToolCalls : Finish;

    internal int OutputTokens
    {
        get
        {
            var tokens = Tokens.In(Text);
            foreach (var call in ToolCalls)
            {
                tokens += Tokens.In(call.Name) + Tokens.In(call.Arguments);
            }

            return tokens;
        }
    }

    /// <summary>Cuts the text at the caller's token limit, as a model does.</summary>
    internal Answer Within(int? maxTokens)
    {
        if (maxTokens is not { } limit || Tokens.In(Text) <= limit)
        {
            return this;
        }

        var length = limit * Tokens.CharactersPerToken;
        if (char.IsHighSurrogate(Text[length - 1]))
        {
            length--;
        }

        return this with { Text = Text[..length], ToolCalls = [], Finish = FinishReason.Length };
    }
}

/// <summary>A function call; <paramref name="Arguments"/> is JSON text.</summary>
public sealed record ToolCall(string Name, string Arguments);

/// <summary>Why a model stopped.</summary>
public enum FinishReason
{
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
}
