using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace PolicyRouter.WebConsole.SignIn;

/// <summary>Sign-in with a development token, pasted into a form. Exists only where development tokens are trusted.</summary>
internal sealed class DevelopmentSignIn(ConsoleSettings settings, TimeProvider time)
{
    private const int LongestPage = 4_000;

    private static readonly TimeSpan LongestSignIn = TimeSpan.FromHours(1);

    private readonly TimeProvider _time = time;
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };

    public static async Task<IResult> HandleAsync([FromForm] string token, [FromForm] string? returnTo, HttpContext http, DevelopmentSignIn signIn)
    {
        var page = IsOurs(returnTo) ? returnTo! : "/";
        if (await signIn.IdentityOfAsync(token.Trim()) is not { } identity)
        {
            return Results.Redirect(page == "/" ? "/sign-in?refused=true" : QueryHelpers.AddQueryString("/sign-in?refused=true", "ReturnUrl", page));
        }

        AuthenticationProperties properties = new();
        AccessTokens.Keep(properties, token.Trim(), signIn._time.GetUtcNow() + LongestSignIn);
        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity), properties);
        return Results.LocalRedirect(page);
    }

    /// <summary>A path of this console, and no address elsewhere in disguise.</summary>
    private static bool IsOurs(string? page) =>
        page is ['/', ..] and not ['/', '/' or '\\', ..] && page.Length <= LongestPage && !page.Any(char.IsControl);

    private async Task<ClaimsIdentity?> IdentityOfAsync(string token)
    {
        var result = await _tokens.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = settings.DevelopmentIssuer,
            ValidAudience = settings.DevelopmentAudience,
            IssuerSigningKey = settings.DevelopmentKey,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = ["at+jwt"],
            ClockSkew = TimeSpan.FromSeconds(30),
            LifetimeValidator = (notBefore, expires, _, parameters) =>
                expires is { } end && _time.GetUtcNow().UtcDateTime <= end + parameters.ClockSkew
                && (notBefore is not { } start || _time.GetUtcNow().UtcDateTime >= start - parameters.ClockSkew),
        });
        return result.IsValid
            ? new ClaimsIdentity(
                result.ClaimsIdentity.Claims.Where(static claim => claim.Type is "sub" or "roles" or "tenant"),
                "development", "sub", "roles")
            : null;
    }
}
