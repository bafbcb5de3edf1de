namespace PolicyRouter.Audit.Events;

/// <summary>How a decided request ended.</summary>
public sealed record RequestCompleted : AuditEvent
{
    public required Guid RequestId { get; init; }

    /// <summary><c>completed</c>, <c>failed</c>, <c>cancelled</c>, <c>incomplete</c>, <c>handed-off</c>, <c>not-sent</c> or <c>unknown</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The deployment that answered; null when none did.</summary>
    public required string? Deployment { get; init; }
    public required int Attempts { get; init; }

    /// <summary>One line per attempt that did not answer: <c>deployment status_529</c>.</summary>
    public required IReadOnlyList<string> Failures { get; init; }
    public required int? HttpStatus { get; init; }
    public required long? InputTokens { get; init; }
    public required long? OutputTokens { get; init; }
    public required long DurationMs { get; init; }
    public required long? FirstByteMs { get; init; }

    /// <summary>Model id the provider says it used.</summary>
    public required string? ResponseModel { get; init; }

    /// <summary>Where the provider says it ran, in its own words; null when it does not say.</summary>
    public string? RanIn { get; init; }

    /// <summary>True when the provider gave no token counts and those here were counted by us, with a tokenizer that may not be its own.</summary>
    public bool AreTokensEstimated { get; init; }

    /// <summary>The price of the tokens in millionths of <see cref="Currency"/>; null when the endpoint has no price.</summary>
    public long? CostMicros { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }
}
