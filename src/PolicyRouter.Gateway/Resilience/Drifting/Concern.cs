namespace PolicyRouter.Gateway.Resilience.Drifting;

/// <summary>What can go wrong with answers that look like answers.</summary>
internal enum Concern
{
    /// <summary>Milliseconds to the first token of a stream.</summary>
    FirstToken,

    /// <summary>Milliseconds per token of a stream, after its first.</summary>
    Token,

    /// <summary>Milliseconds per token of an answer that comes whole.</summary>
    WholeToken,

    /// <summary>The share of attempts that fail in a way that counts against the deployment.</summary>
    Errors,

    /// <summary>The share of answers that end for want of tokens before the length the caller asked for.</summary>
    Truncated,

    /// <summary>The share of answers with neither text nor a tool call.</summary>
    Empty,

    /// <summary>The share of answers that are refusals, or held back by the provider's filter.</summary>
    Refusals,

    /// <summary>The share of answers that name another model than the one asked for.</summary>
    OtherModel,

    /// <summary>The share of streams that break off after they have begun: nobody else can be asked for the rest, so each is an answer lost.</summary>
    Broken,
}

/// <summary>From when on a concern demotes and ejects.</summary>
/// <param name="Word">As the decision record and operators see it.</param>
/// <param name="Demote">
/// How far the fast average must be above the usual: for times in multiples of the usual (1 is twice as slow), for shares in share points (0.1 is a tenth
/// of the answers more).
/// </param>
/// <param name="Eject">The same, for ejecting.</param>
/// <param name="IsTime">True for times.</param>
/// <param name="Least">The usual is taken for at least this: nobody minds twice as slow as very fast.</param>
/// <param name="Most">The usual is taken for at most this: what was never good does not become good by being usual.</param>
internal sealed record ConcernLimits(string Word, double Demote, double Eject, bool IsTime, double Least, double Most)
{
    private static readonly ConcernLimits[] All =
    [
        new("slow", Demote: 1, Eject: 3, IsTime: true, Least: 200, Most: double.MaxValue),
        new("slow", Demote: 1, Eject: 3, IsTime: true, Least: 5, Most: double.MaxValue),
        new("slow", Demote: 1, Eject: 3, IsTime: true, Least: 20, Most: double.MaxValue),
        new("errors", Demote: 0.15, Eject: 0.5, IsTime: false, Least: 0, Most: 0.05),
        new("truncated", Demote: 0.2, Eject: 0.5, IsTime: false, Least: 0, Most: 0.2),
        new("empty", Demote: 0.1, Eject: 0.4, IsTime: false, Least: 0, Most: 0.05),
        new("refusals", Demote: 0.25, Eject: 0.5, IsTime: false, Least: 0, Most: 0.2),
        new("other model", Demote: 0.05, Eject: 0.25, IsTime: false, Least: 0, Most: 0),
        new("broken streams", Demote: 0.08, Eject: 0.25, IsTime: false, Least: 0, Most: 0.02),
    ];

    public static ConcernLimits Of(Concern concern) => All[(int)concern];
}
