using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Providers;

/// <summary>Why an attempt gave no answer.</summary>
public enum FailureKind
{
    ConnectFailed,
    ConnectTimeout,
    FirstTokenTimeout,
    BetweenTokensTimeout,
    TotalTimeout,

    /// <summary>The provider answered with an error status: see <see cref="ProviderFailure.Status"/>.</summary>
    Status,

    /// <summary>The provider tried to send us elsewhere. Never followed.</summary>
    Redirect,

    /// <summary>The answer is not in the wire format, or too large.</summary>
    Malformed,

    /// <summary>The connection ended before the answer did.</summary>
    Cut,

    /// <summary>The provider reported an error inside a stream.</summary>
    StreamError,
    CredentialUnavailable,

    /// <summary>The redacted request cannot be written in the endpoint's wire format. Nothing was sent; it says nothing about the provider.</summary>
    NotCarried,

    /// <summary>The deployment was suspended before the attempt could leave. Nothing was sent.</summary>
    Suspended,

    /// <summary>The deployment has as many attempts under way as it may have. Nothing was sent; it says nothing about the provider.</summary>
    AtCapacity,

    /// <summary>The endpoint's name resolved to an address it may not have.</summary>
    DestinationBlocked,
}

/// <summary>A failed attempt. Holds nothing of the provider's text.</summary>
public sealed record ProviderFailure(FailureKind Kind, int? Status = null, TimeSpan? RetryAfter = null)
{
    /// <summary>True when the provider says that it may not run the request where it would have to.</summary>
    public bool IsResidencyMismatch { get; init; }

    /// <summary>Stable snake-case code for events, metrics and messages: <c>status_529</c>, <c>connect_failed</c>, ...</summary>
    public string Code => Kind switch
    {
        FailureKind.Status => IsResidencyMismatch ? "data_residency_mismatch" : $"status_{Status}",
        FailureKind.ConnectFailed => "connect_failed",
        FailureKind.ConnectTimeout => "connect_timeout",
        FailureKind.FirstTokenTimeout => "first_token_timeout",
        FailureKind.BetweenTokensTimeout => "between_tokens_timeout",
        FailureKind.TotalTimeout => "total_timeout",
        FailureKind.Redirect => "redirect_refused",
        FailureKind.Malformed => "malformed_answer",
        FailureKind.Cut => "answer_cut",
        FailureKind.StreamError => "error_in_stream",
        FailureKind.CredentialUnavailable => "credential_unavailable",
        FailureKind.NotCarried => "request_not_carried",
        FailureKind.Suspended => "suspended",
        FailureKind.AtCapacity => "at_capacity",
        FailureKind.DestinationBlocked => "destination_blocked",
        _ => throw new InvalidOperationException($"No code for {Kind}."),
    };
}

/// <summary>What became of one attempt.</summary>
public abstract record ProviderReply
{
    /// <summary>A whole answer in the form of the caller's API, with placeholders still in it.</summary>
    public sealed record Whole(ReadOnlyMemory<byte> Body, AnswerFacts Facts) : ProviderReply;

    /// <summary>A stream whose first event has arrived.</summary>
    public sealed record Streaming(ProviderStream Stream) : ProviderReply;

    public sealed record Failed(ProviderFailure Failure) : ProviderReply;
}

/// <summary>A stream broke after its first event. Nothing is retried then.</summary>
public sealed class ProviderStreamException(ProviderFailure failure) : Exception(failure.Code)
{
    public ProviderFailure Failure { get; } = failure;
}
