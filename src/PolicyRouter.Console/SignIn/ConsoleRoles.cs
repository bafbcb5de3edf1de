using Microsoft.AspNetCore.Authorization;

namespace PolicyRouter.WebConsole.SignIn;

/// <summary>Roles of people, and the pages that ask for one of some of them. A page that names none is open to all three.</summary>
internal static class ConsoleRoles
{
    public const string Auditor = "auditor";
    public const string Legal = "legal";
    public const string Operator = "operator";

    /// <summary>Policy: exports.</summary>
    public const string MayExport = "may-export";

    /// <summary>Policy: having the whole log recomputed.</summary>
    public const string MayVerify = "may-verify";

    /// <summary>Policy: policies, replays.</summary>
    public const string MayReadPolicies = "may-read-policies";

    public static void Configure(AuthorizationBuilder authorization) => authorization
        .AddPolicy(MayExport, static policy => policy.RequireAuthenticatedUser().RequireClaim("roles", Auditor))
        .AddPolicy(MayVerify, static policy => policy.RequireAuthenticatedUser().RequireClaim("roles", Auditor))
        .AddPolicy(MayReadPolicies, static policy => policy.RequireAuthenticatedUser().RequireClaim("roles", Auditor, Legal))
        .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireClaim("roles", Auditor, Legal, Operator).Build());
}
