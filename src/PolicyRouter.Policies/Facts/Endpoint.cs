namespace PolicyRouter.Policies.Facts;

/// <summary>The wire format a deployment speaks.</summary>
public enum Wire
{
    OpenAi,
    AzureOpenAi,
    Anthropic,
    Bedrock,
    VertexAnthropic,
    VertexGemini,
}

/// <summary>How a deployment is reached: a line of <c>endpoints.yaml</c>. Destinations come from here and nowhere else.</summary>
public sealed record Endpoint
{
    public required string DeploymentId { get; init; }

    /// <summary>Absolute base URL, https unless the gateway runs with <c>--dev</c> and the host is loopback.</summary>
    public required Uri Url { get; init; }
    public required Wire Wire { get; init; }

    /// <summary>The model name sent upstream.</summary>
    public required string UpstreamModel { get; init; }

    /// <summary>A reference, never a secret: <c>vault:NAME</c>, <c>env:NAME</c> or <c>file:PATH</c>; null for endpoints without a credential.</summary>
    public required string? Credential { get; init; }

    /// <summary>Failure domains: names of what takes this deployment down with it (cloud, region, identity plane, model lab).</summary>
    public required IReadOnlyList<string> FailsWith { get; init; }
    public required TokenPrice? Price { get; init; }

    /// <summary>Tokens the model can take in, answer included; null when not stated.</summary>
    public required int? ContextWindow { get; init; }
    public required EndpointTimeouts Timeouts { get; init; }
}

/// <summary>Price per million tokens.</summary>
public sealed record TokenPrice(decimal Input, decimal Output, string Currency);

/// <summary>Deadlines of one attempt. The defaults are 2 s, 10 s, 15 s and 5 min.</summary>
public sealed record EndpointTimeouts(TimeSpan Connect, TimeSpan FirstToken, TimeSpan BetweenTokens, TimeSpan Total)
{
    public static EndpointTimeouts Default { get; } =
        new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5));
}
