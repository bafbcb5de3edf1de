namespace PolicyRouter.Policies.Facts;

/// <summary>What an app may ask for by name in <c>model</c>: a line of <c>routes.yaml</c>.</summary>
public sealed record Route
{
    public required string Model { get; init; }

    /// <summary>Deployment ids in the order written; null for <c>candidates: any</c>.</summary>
    public required IReadOnlyList<string>? Candidates { get; init; }
    public required RouteOrder Order { get; init; }

    /// <summary>The message and webhook of <c>when exhausted: hand off</c>; null for <c>refuse</c>.</summary>
    public required HandOff? HandOff { get; init; }
}

public enum RouteOrder
{
    Listed,
    Cheapest,
    Fastest,
    Balanced,
}

/// <summary>What happens when every permitted deployment has failed and people should take over.</summary>
/// <param name="Message">What the caller is told, as an answer of the assistant.</param>
/// <param name="Webhook">Who gets the redacted request: absolute https, unless the gateway runs with <c>--dev</c> and the host is loopback.</param>
/// <param name="Credential">A reference to the key that signs each post (<c>vault:NAME</c>, <c>env:NAME</c>, <c>file:PATH</c>), never a secret; null for posts without a signature.</param>
public sealed record HandOff(string Message, Uri Webhook, string? Credential = null);
