using Microsoft.AspNetCore.Authorization;

namespace PolicyRouter.Gateway.Callers;

/// <summary>The authorization policies, one per kind of endpoint. What names none of them is denied.</summary>
internal static class CallerRoles
{
    /// <summary>The data plane.</summary>
    public const string App = "app";

    /// <summary>History.</summary>
    public const string Auditor = "auditor";

    /// <summary>Questions about policies that are not in force.</summary>
    public const string Legal = "legal";

    /// <summary>Policies, by legal or auditor.</summary>
    public const string LegalOrAuditor = "legal-or-auditor";

    /// <summary>Whoever may open the console: auditor, legal or operator.</summary>
    public const string Reader = "reader";

    /// <summary>Deployments.</summary>
    public const string Operator = "operator";

    /// <summary>Health: open, and tells nothing but yes or no.</summary>
    public const string Anyone = "anyone";

    public static void Configure(AuthorizationOptions options)
    {
        options.AddPolicy(App, Has("app"));
        options.AddPolicy(Auditor, Has("auditor"));
        options.AddPolicy(Legal, Has("legal"));
        options.AddPolicy(LegalOrAuditor, Has("legal", "auditor"));
        options.AddPolicy(Reader, Has("auditor", "legal", "operator"));
        options.AddPolicy(Operator, Has("operator"));
        options.AddPolicy(Anyone, static policy => policy.RequireAssertion(static _ => true));
        options.DefaultPolicy = Deny();
        options.FallbackPolicy = Deny();
    }

    private static Action<AuthorizationPolicyBuilder> Has(params string[] roles) => policy => policy
        .RequireAuthenticatedUser()
        .RequireAssertion(context => Caller.TryOf(context.User) is { } caller && caller.Roles.Any(role => roles.Contains(role, StringComparer.Ordinal)));

    private static AuthorizationPolicy Deny() => new AuthorizationPolicyBuilder().RequireAssertion(static _ => false).Build();
}
