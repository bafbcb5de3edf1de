namespace PolicyRouter.Policies.Rules;

/// <summary>Where in a rule, in a paper or in a claim a condition stands.</summary>
internal enum Place
{
    When,
    Unless,
    Prefer,
    OnlyIf,
    NeverWhen,
    NeverUnless,
}

/// <summary>Which phrase may stand where. Labels and zones only in restricting places: so a further label can only restrict further.</summary>
internal static class Places
{
    /// <summary>Null when the condition may stand there; otherwise one sentence that says where it may.</summary>
    public static string? Objection(Condition condition, Effect effect, Place place) =>
        place is Place.NeverWhen or Place.NeverUnless ? InClaim(condition, place) : InRule(condition, effect, place);

    private static string? InRule(Condition condition, Effect effect, Place place) => condition switch
    {
        ProcessingIncludesUnknownPlace => "it may stand in never-claims only",
        DeploymentCondition => null,
        _ when place is Place.Prefer or Place.OnlyIf => "only facts of the deployment may stand here",
        PurposeIs or BusinessUnitIs => null,
        ApprovalHeld or PaperCondition when place is Place.Unless && effect is not Effect.Permit => null,
        ApprovalHeld or PaperCondition when place is Place.When && effect is Effect.Permit => null,
        ApprovalHeld => "it may stand in \"when all\" of a permit and in \"unless any\" of the other effects only: an approval can help, and never restricts",
        PaperCondition => "it may stand in \"when all\" of a permit and in \"unless any\" of the other effects only, so that a paper that ends never permits more",
        RequestCondition when place is Place.When && effect is not Effect.Permit => null,
        _ => "it may stand in \"when all\" of forbid, require and prefer only, so that labelling more never permits more",
    };

    /// <summary>A claim is proved with every approval held, and reads like a forbid.</summary>
    private static string? InClaim(Condition condition, Place place) => condition switch
    {
        ApprovalHeld => "a never-claim holds whatever approvals are held",
        PaperCondition when place is Place.NeverWhen => "papers may stand in \"unless any\" of a never-claim only",
        DataIncludes or SubjectsLiveIn or FeatureUsed when place is Place.NeverUnless => "it may stand in \"when all\" of a never-claim only",
        _ => null,
    };
}
