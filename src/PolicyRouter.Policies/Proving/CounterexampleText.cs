using System.Globalization;
using System.Text;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>Words a counterexample for the people who wrote the claim.</summary>
internal static class CounterexampleText
{
    public static Counterexample Of(PolicySnapshot policy, NeverClaim claim, PolicyRequest request, Deployment deployment)
    {
        var decision = policy.Decide(request);
        var permits = Permits(policy, request, deployment);
        var denied = decision.Denied.FirstOrDefault(denied => denied.DeploymentId == deployment.Id);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Request(request)} would be sent to {deployment.Id}");
        if (denied is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" once {English.And([.. denied.Reasons.Select(static reason => Held(reason.Rule))])}");
        }

        text.Append(CultureInfo.InvariantCulture, $"; no other rule stops it, and {English.And(permits)} permit{(permits.Count == 1 ? "s" : "")} it.");
        text[0] = char.ToUpperInvariant(text[0]);
        return new(request, deployment.Id, text.ToString(), Case(claim.Claim, request, Permitted(Sworn(policy, claim), request)));
    }

    /// <summary>The policy as it would be if the claim were a forbid of it, which nothing overrides.</summary>
    private static PolicySnapshot Sworn(PolicySnapshot policy, NeverClaim claim) =>
        new(policy.Model with { Rules = [.. policy.Model.Rules, Prover.AsForbid(claim)] }, policy.Version);

    /// <summary>The exact list that a policy permits, as a case expects it.</summary>
    public static string Permitted(PolicySnapshot policy, PolicyRequest request) =>
        $"permitted: [{string.Join(", ", policy.Decide(request).Permitted.Select(static one => one.Deployment.Id))}]";

    /// <summary><c>a chat about phi of people in us, for treatment, on 2026-11-02</c>.</summary>
    public static string Request(PolicyRequest request)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"a request using {English.And([.. request.Features])} about {Data(request)}");
        text.Append(request.Subjects.Count == 0 ? " of people nobody said where they live" : $" of people in {English.And([.. request.Subjects])}");
        text.Append(request.Purpose is { } purpose ? $", for {purpose}" : ", for no stated purpose");
        text.Append(request.BusinessUnit is { } unit ? $", by {unit}" : "");
        text.Append(CultureInfo.InvariantCulture, $", on {request.Day:d MMMM yyyy},");
        return text.ToString();
    }

    /// <summary>A case that expects what the claim says, ready for a file of <c>tests/</c>.</summary>
    public static string Case(string name, PolicyRequest request, string expected)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"  - name: {Quoted(name)}\n    today: {request.Day:yyyy-MM-dd}\n    given: {{data: [{string.Join(", ", request.DeclaredClasses)}]");
        text.Append(CultureInfo.InvariantCulture, $", subjects: [{string.Join(", ", request.Subjects)}]");
        text.Append(request.Purpose is { } purpose ? $", purpose: {purpose}" : "");
        text.Append(request.BusinessUnit is { } unit ? $", business unit: {unit}" : "");
        text.Append(CultureInfo.InvariantCulture, $", features: [{string.Join(", ", request.Features)}]");
        text.Append(request.Route is { } route ? $", route: {route}" : "");
        text.Append(request.Tenant is { } tenant ? $", tenant: {tenant}" : "");
        return text.Append(CultureInfo.InvariantCulture, $"}}\n    {expected}\n").ToString();
    }

    private static string Data(PolicyRequest request) => request.DeclaredClasses.Count == 0 ? "data nobody has classified" : English.And([.. request.DeclaredClasses]);

    private static string Held(string reason) => reason.StartsWith("approval needed: ", StringComparison.Ordinal)
        ? $"{reason["approval needed: ".Length..]} has approved it"
        : $"{reason} is overridden";

    private static List<string> Permits(PolicySnapshot policy, PolicyRequest request, Deployment deployment)
    {
        // A permit takes part when the policy without it, and with it alone, differ: simply those that fire and cover a class of the data.
        var classes = policy.Decide(request).Classes.Final;
        var plan = policy.PlanFor(request.Day);
        var bits = policy.BitsOf(request) with { Approvals = ~WordBits.Unknown };
        var papers = plan.Papers.For(bits);
        var index = policy.Deployments.TakeWhile(other => other.Id != deployment.Id).Count();
        return [.. plan.Permits.Where(permit => permit.Rule.CoversData.Any(classes.Contains) && permit.Fires(bits, papers).Contains(index)).Select(static permit => permit.Rule.Id)];
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
