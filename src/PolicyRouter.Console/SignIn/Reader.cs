using System.Security.Claims;

namespace PolicyRouter.WebConsole.SignIn;

/// <summary>The person who is signed in.</summary>
/// <param name="Name">Who they are at their issuer.</param>
/// <param name="Tenant">The only tenant whose requests they may see; null for people who may see those of all.</param>
internal sealed record Reader(string Name, string? Tenant, bool IsAuditor, bool IsLegal, bool IsOperator)
{
    public bool SeesEveryTenant => Tenant is null;

    public static Reader Of(ClaimsPrincipal user) => new(
        user.Identity?.Name ?? "",
        user.FindFirst("tenant")?.Value is { Length: > 0 } tenant ? tenant : null,
        user.HasClaim("roles", ConsoleRoles.Auditor),
        user.HasClaim("roles", ConsoleRoles.Legal),
        user.HasClaim("roles", ConsoleRoles.Operator));
}
