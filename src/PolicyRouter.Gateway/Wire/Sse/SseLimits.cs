namespace PolicyRouter.Gateway.Wire.Sse;

/// <summary>Bounds of what a provider may stream.</summary>
/// <param name="LineBytes">Longest line. Default 1 MiB.</param>
/// <param name="EventBytes">Longest event, all its data lines together. Default 1 MiB.</param>
/// <param name="Events">Most events of one answer. Default 200,000.</param>
internal sealed record SseLimits(int LineBytes = 1_048_576, int EventBytes = 1_048_576, int Events = 200_000)
{
    public static SseLimits Default { get; } = new();
}

/// <summary>A stream breaks the event format or its limits. The message is a fixed text.</summary>
internal sealed class SseFormatException(string message) : Exception(message);

internal static class SseEventNames
{
    private static readonly string[] Names =
    [
        "content_block_delta", "message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop", "ping", "error",
    ];

    /// <summary>The names of known wires, the most frequent first.</summary>
    public static ReadOnlySpan<string> Known => Names;

    /// <summary>The name when it is one of a known wire; else <c>other</c>, so that no provider text travels on as a name.</summary>
    public static string Intern(ReadOnlySpan<byte> value)
    {
        foreach (var name in Known)
        {
            if (System.Text.Ascii.Equals(value, name))
            {
                return name;
            }
        }

        return "other";
    }
}
