using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Callers;

/// <summary>Where the token is read from, and what a refused caller is told. A token that was checked before is not taken through the whole of the framework's check again.</summary>
internal sealed class CallerEvents(CallerTokenHandler handler) : JwtBearerEvents
{
    private const string Bearer = "Bearer ";

    public override Task MessageReceived(MessageReceivedContext context)
    {
        // The Anthropic wire carries its credential in x-api-key.
        var headers = context.Request.Headers;
        if (headers.Authorization.Count == 0 && (context.Request.Path.StartsWithSegments("/v1/messages", StringComparison.Ordinal) || headers.ContainsKey("anthropic-version"))
            && headers["x-api-key"] is { Count: 1 } apiKey)
        {
            context.Token = apiKey.ToString();
        }

        // As the framework reads it.
        var token = context.Token is { } given ? given
            : headers.Authorization is [{ } value] && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value.AsSpan(Bearer.Length).Trim() : default;
        if (token.Length > 0 && handler.Seen(token) is { } seen)
        {
            context.Principal = new ClaimsPrincipal(seen.ClaimsIdentity);
            context.Success();
        }

        return Task.CompletedTask;
    }

    public override Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        if (context.AuthenticateFailure is IssuerUnavailableException)
        {
            return PlaneErrors.WriteAsync(context.HttpContext, IssuerUnavailable());
        }

        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer error=\"invalid_token\"";
        return PlaneErrors.WriteAsync(context.HttpContext, GatewayError.InvalidToken());
    }

    public override Task Forbidden(ForbiddenContext context) => PlaneErrors.WriteAsync(context.HttpContext, RoleRequired());

    private static GatewayError IssuerUnavailable() => new(
        StatusCodes.Status503ServiceUnavailable,
        "issuer_unavailable",
        "server_error",
        "The token could not be checked: the signing keys of its issuer are not known yet.",
        RetryAfter: IssuerKeys.BetweenFetches,
        ShouldRetry: true);

    private static GatewayError RoleRequired() => new(
        StatusCodes.Status403Forbidden, "role_required", "permission_error", "The token does not carry the role this address asks for.");
}
