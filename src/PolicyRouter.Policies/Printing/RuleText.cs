using System.Globalization;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Printing;

/// <summary>A rule as one paragraph of English, for the people who sign it.</summary>
internal static class RuleText
{
    public static string Sentence(Rule rule)
    {
        var when = rule.WhenAll.Count == 0 ? "" : $" when {English.And([.. rule.WhenAll.Select(static c => c.English)])}";
        var unless = rule.UnlessAny.Count == 0 ? "" : $", unless {English.Or([.. rule.UnlessAny.Select(static c => c.English)])}";
        var what = rule.Effect switch
        {
            Effect.Permit => $"Data of class {English.Or(rule.CoversData)} may be sent{when}{unless}",
            Effect.Forbid when rule.Strength is Strength.Advisory => $"A warning is recorded{when}{unless}",
            Effect.Forbid => $"Nothing may be sent{when}{unless}",
            Effect.Require => $"{Capital(Duty(rule.Duty!))}{when}{unless}",
            _ => $"Among what is permitted, deployments are preferred for which {English.And([.. rule.Prefer.Select(static c => c.English)])}{when}{unless}",
        };
        return $"{what}. {Weight(rule)}".TrimEnd();
    }

    public static string InForce(DateSpan span) =>
        $"from {Iso(span.From)} {(span.Until is { } until ? $"to the end of {Iso(until)}" : "until further notice")}";

    public static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Weight(Rule rule) => rule switch
    {
        { Shadow: true } => "This rule is on trial: it is evaluated and recorded, and has no effect.",
        { Effect: Effect.Forbid, Strength: Strength.Absolute } => "Nothing overrides this.",
        { Effect: Effect.Forbid, Strength: Strength.Overridable } => "Two people together may switch this off for at most four hours (break-glass).",
        { Effect: Effect.Forbid } => "Nothing is stopped by it.",
        _ => "",
    };

    private static string Duty(Duty duty) => English.And(
    [
        .. new[]
        {
            duty.Redact is { } profile ? $"what the profile {profile} names is removed first" : null,
            duty.Audit is { } level ? $"a {level} record is kept" : null,
            duty.KeepYears is { } years ? string.Create(CultureInfo.InvariantCulture, $"records are kept for at least {years} years") : null,
            duty.RetentionDays is { } days ? string.Create(CultureInfo.InvariantCulture, $"records are kept for at most {days} days") : null,
            duty.Approval is { } role ? $"{role} approves the very request first" : null,
        }.OfType<string>(),
    ]);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
