using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// An error or a refusal as callers see it: one row of the table in the contract. Messages are made from fixed texts, names of the
/// policy and limits; never from a prompt, an answer or a provider's error.
/// </summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="Code">Stable code for programs.</param>
/// <param name="Type">The OpenAI error type (<c>invalid_request_error</c>, <c>permission_error</c>, ...).</param>
/// <param name="Param">The field or header at fault; null when there is none.</param>
/// <param name="RetryAfter">When trying again may help; null when that is not known.</param>
/// <param name="ShouldRetry">False where the same request would get the same answer, or has been tried everywhere it may go.</param>
/// <param name="IsRecorded">True for decisions about the request, which belong in the audit log.</param>
public sealed record GatewayError(
    int Status,
    string Code,
    string Type,
    string Message,
    string? Param = null,
    TimeSpan? RetryAfter = null,
    bool ShouldRetry = false,
    bool IsRecorded = false)
{
    private const string InvalidRequestType = "invalid_request_error";
    private const string PermissionType = "permission_error";
    private const string ServerType = "server_error";

    public static GatewayError InvalidRequest(string message, string? param) =>
        new(StatusCodes.Status400BadRequest, "invalid_request", InvalidRequestType, message, param);

    public static GatewayError DataClassUnknown(IReadOnlySet<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        return new GatewayError(
            StatusCodes.Status400BadRequest,
            "data_class_unknown",
            InvalidRequestType,
            $"A declared data class is not known to the policy. Known: {string.Join(", ", known.Order(StringComparer.Ordinal))}.",
            "X-Data-Class");
    }

    public static GatewayError ContentUninspectable() =>
        new(
            StatusCodes.Status400BadRequest,
            "content_uninspectable",
            InvalidRequestType,
            "A part of the request (image, audio or file) cannot be inspected, and no rule lets it pass for these data classes.",
            "messages",
            IsRecorded: true);

    public static GatewayError InvalidToken() =>
        new(StatusCodes.Status401Unauthorized, "invalid_token", "authentication_error", "The bearer token is missing or not valid.");

    /// <param name="explanation">Rule ids and citations. The caller of this method answers for it holding no content.</param>
    public static GatewayError NoPermittedProvider(string explanation) =>
        new(StatusCodes.Status403Forbidden, "no_permitted_provider", PermissionType, explanation, IsRecorded: true);

    public static GatewayError PurposeNotAllowed() =>
        new(
            StatusCodes.Status403Forbidden,
            "purpose_not_allowed",
            PermissionType,
            "The purpose is not known to the policy, or not among those the token allows.",
            "X-Purpose",
            IsRecorded: true);

    /// <param name="explanation">Rules, roles and the keyed hash of the request. The caller of this method answers for it holding no content.</param>
    public static GatewayError ApprovalRequired(string explanation) =>
        new(StatusCodes.Status403Forbidden, "approval_required", PermissionType, explanation, "X-Approval", IsRecorded: true);

    /// <param name="why">A fixed sentence. The caller of this method answers for it holding no content.</param>
    public static GatewayError BreakGlassInvalid(string why) =>
        new(
            StatusCodes.Status403Forbidden,
            "break_glass_invalid",
            PermissionType,
            $"The break-glass token is not valid for this request: {why}.",
            "X-Break-Glass",
            IsRecorded: true);

    public static GatewayError RetryInFlight() =>
        new(
            StatusCodes.Status409Conflict,
            "retry_in_flight",
            InvalidRequestType,
            "The first attempt of this request is still running.",
            RetryAfter: TimeSpan.FromSeconds(1),
            ShouldRetry: true);

    public static GatewayError ModelNotFound() =>
        new(
            StatusCodes.Status404NotFound,
            "model_not_found",
            InvalidRequestType,
            "No route or deployment has the name given in `model`; GET /v1/models lists them.",
            "model");

    /// <param name="limit">Largest body taken, in bytes.</param>
    public static GatewayError RequestTooLarge(long limit) =>
        new(
            StatusCodes.Status413PayloadTooLarge,
            "request_too_large",
            InvalidRequestType,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The body is larger than {limit} bytes."));

    public static GatewayError RateLimited(TimeSpan retryAfter) =>
        new(
            StatusCodes.Status429TooManyRequests,
            "rate_limited",
            "rate_limit_error",
            "The gateway's limit for this caller is reached.",
            RetryAfter: retryAfter,
            ShouldRetry: true);

    /// <summary>The gateway has as much to do as it takes on; those of lower priority hear it first.</summary>
    public static GatewayError Overloaded(TimeSpan retryAfter) =>
        new(
            StatusCodes.Status503ServiceUnavailable,
            "overloaded",
            ServerType,
            "The gateway is full. The request was not read.",
            RetryAfter: retryAfter,
            ShouldRetry: true);

    /// <param name="retryAfter">For the app to heed: a library that tried again by itself would multiply what was sent to providers in trouble.</param>
    public static GatewayError PermittedProvidersUnavailable(TimeSpan retryAfter) =>
        new(
            StatusCodes.Status503ServiceUnavailable,
            "permitted_providers_unavailable",
            ServerType,
            "Deployments exist that may receive this request, but none of them answered. It was sent to no other.",
            RetryAfter: retryAfter);

    public static GatewayError AuditUnavailable() =>
        new(
            StatusCodes.Status503ServiceUnavailable,
            "audit_unavailable",
            ServerType,
            "The decision could not be recorded durably, so nothing further was sent.",
            RetryAfter: TimeSpan.FromSeconds(5),
            ShouldRetry: true);

    public static GatewayError PolicyUnavailable() =>
        new(StatusCodes.Status503ServiceUnavailable, "policy_unavailable", ServerType, "No valid policy is loaded, so nothing is permitted.");

    public static GatewayError PolicyStale() =>
        new(
            StatusCodes.Status503ServiceUnavailable,
            "policy_unavailable",
            ServerType,
            "The policy in force could not be confirmed for longer than allowed, so nothing but public and internal data is permitted.");

    public static GatewayError DeadlineExceeded() =>
        new(
            StatusCodes.Status504GatewayTimeout,
            "deadline_exceeded",
            ServerType,
            "No permitted deployment answered before the request's deadline.",
            ShouldRetry: true);

    public static GatewayError Internal() =>
        new(
            StatusCodes.Status500InternalServerError,
            "internal_error",
            ServerType,
            "The gateway failed; nothing more was sent. X-Decision-Id identifies the request.");
}
