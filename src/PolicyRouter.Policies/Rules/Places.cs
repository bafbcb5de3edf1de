namespace PolicyRouter.Policies.Rules;

/// <summary>Where in a rule, or in a paper, a condition stands.</summary>
internal enum Place
{
    When,
    Unless,
    Prefer,
    OnlyIf,
}

/// <summary>Which phrase may stand where. Labels and zones only in restricting places: so a further label can only restrict further.</summary>
internal static class Places
{
    /// <summary>Null when the condition may stand there; otherwise one sentence that says where it may.</summary>
    public static string? Objection(Condition condition, Effect effect, Place place) => condition switch
    {
        DeploymentCondition => null,
        _ when place is Place.Prefer or Place.OnlyIf => "only facts of the deployment may stand here",
        PurposeIs => null,
        RequestCondition when place is Place.When && effect is not Effect.Permit => null,
        RequestCondition => "it may stand in \"when all\" of forbid, require and prefer only, so that labelling more never permits more",
        PaperCondition when place is Place.Unless && effect is not Effect.Permit => null,
        PaperCondition when place is Place.When && effect is Effect.Permit => null,
        _ => "it may stand in \"when all\" of a permit and in \"unless any\" of the other effects only, so that a paper that ends never permits more",
    };
}
