namespace PolicyRouter.Fuzz;

/// <summary>Gives bytes of a stranger to one parser.</summary>
/// <exception cref="BrokenPromiseException">What the parser promises does not hold for these bytes.</exception>
internal delegate void RunInput(ReadOnlySpan<byte> input);

/// <summary>A parser that reads what strangers send, and what must hold for whatever they send.</summary>
/// <param name="Name">Also the name of its folder in <c>Corpus/</c>.</param>
/// <param name="Run">Returns when everything held. Any other exception than the parser's documented ones comes through: that, too, is a finding.</param>
internal sealed record FuzzTarget(string Name, RunInput Run)
{
    /// <summary>Every target, in the order of their names.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("amazon-events", Targets.AmazonEventsTarget.Run),
        new("body", Targets.BodyTarget.Run),
        new("checkpoint", Targets.CheckpointTarget.Run),
        new("cursor", Targets.CursorTarget.Run),
        new("event", Targets.EventTarget.Run),
        new("export", Targets.ExportTarget.Run),
        new("policy", Targets.PolicyTarget.Run),
        new("redactor", Targets.RedactorTarget.Run),
        new("search", Targets.SearchTarget.Run),
        new("sse", Targets.SseTarget.Run),
    ];

    public static FuzzTarget? Named(string name) => All.FirstOrDefault(target => target.Name == name);
}
