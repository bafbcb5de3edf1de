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

    /// <summary>The model name sent upstream; with Azure's dated API the name of its deployment, with Bedrock the id or profile of the model.</summary>
    public required string UpstreamModel { get; init; }

    /// <summary>Azure OpenAI's dated API version (<c>2024-10-21</c>), with which requests go to the path of the deployment; null for the API without versions.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>The geography that requests to Anthropic ask for (<c>inference_geo</c>: <c>us</c>); null to ask for none, which means anywhere.</summary>
    public string? InferenceGeo { get; init; }

    /// <summary>Beginnings of the model ids that answers may name; empty when only the upstream model's own name is expected.</summary>
    public IReadOnlyList<string> AnswersAs { get; init; } = [];

    /// <summary>
    /// A reference, never a secret: <c>vault:NAME</c>, <c>env:NAME</c>, <c>file:PATH</c>, or the gateway's own identity, <c>identity:azure</c> and
    /// <c>identity:google</c>; null for endpoints without a credential.
    /// </summary>
    public required string? Credential { get; init; }

    /// <summary>Failure domains: names of what takes this deployment down with it (cloud, region, identity plane, model lab).</summary>
    public required IReadOnlyList<string> FailsWith { get; init; }
    public required TokenPrice? Price { get; init; }

    /// <summary>Tokens the model can take in, answer included; null when not stated.</summary>
    public required int? ContextWindow { get; init; }

    /// <summary>Attempts that it may have at once from one gateway; null for the gateway's own limit.</summary>
    public int? ConcurrentRequests { get; init; }
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
