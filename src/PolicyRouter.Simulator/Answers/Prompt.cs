using System.Text.Json;

namespace PolicyRouter.Simulator.Answers;

/// <summary>What a simulated model sees of a request, whichever wire it came over.</summary>
public sealed record Prompt
{
    public required string Model { get; init; }

    public required bool Stream { get; init; }

    /// <summary>Text of the last user message or tool result.</summary>
    public required string LastMessage { get; init; }

    /// <summary>The last message is the result of a tool, so the model has what it asked for.</summary>
    public bool IsToolResult { get; init; }

    /// <summary>Names of the functions offered.</summary>
    public IReadOnlyList<string> ToolNames => [.. Tools.Select(tool => tool.Name)];

    /// <summary>How many answers the caller wants (OpenAI <c>n</c>).</summary>
    public int Choices { get; init; } = 1;

    public int? MaxTokens { get; init; }

    internal IReadOnlyList<ToolOffer> Tools { get; init; } = [];

    internal ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    internal bool IncludeUsage { get; init; }

    internal int InputTokens { get; init; }
}

/// <summary>A function the model may call. The schema is only valid while the request is being answered.</summary>
internal readonly record struct ToolOffer(string Name, JsonElement Parameters);

/// <summary>Whether the model may, must or must not call a function, and which.</summary>
internal sealed record ToolChoice(bool Allowed, bool Required, string? Name = null)
{
    public static readonly ToolChoice Auto = new(Allowed: true, Required: false);
    public static readonly ToolChoice None = new(Allowed: false, Required: false);
    public static readonly ToolChoice Any = new(Allowed: true, Required: true);

    public static ToolChoice Of(string name) => new(Allowed: true, Required: true, name);
}
