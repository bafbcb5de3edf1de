using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

namespace PolicyRouter.WebConsole.SignIn;

/// <summary>
/// The access token of a sign-in, kept in the encrypted cookie and nowhere else, so that the console can ask the gateway in the person's own name. The
/// sign-in ends with it.
/// </summary>
internal static class AccessTokens
{
    public const string Name = "access_token";

    public static void Keep(AuthenticationProperties properties, string token, DateTimeOffset ends)
    {
        properties.StoreTokens([new AuthenticationToken { Name = Name, Value = token }]);
        properties.ExpiresUtc = ends;
    }

    /// <summary>Of the tokens of an OpenID Connect sign-in only this one is kept: the others would make the cookie large and are not needed.</summary>
    public static void KeepFrom(TokenValidatedContext context, TimeProvider time)
    {
        if (context.TokenEndpointResponse is { AccessToken: { Length: > 0 } token } answer && context.Properties is { } properties)
        {
            var lifetime = int.TryParse(answer.ExpiresIn, System.Globalization.CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromHours(1);
            Keep(properties, token, time.GetUtcNow() + lifetime);
        }
    }
}
