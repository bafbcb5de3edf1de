namespace PolicyRouter.Policies.Reading;

/// <summary>Stable codes of what can be wrong with a policy folder; each is explained in docs/policy-language.md.</summary>
internal static class ProblemCodes
{
    public const string Unreadable = "PR001";
    public const string TooLarge = "PR002";
    public const string NotText = "PR003";
    public const string Character = "PR004";
    public const string TooDeep = "PR005";
    public const string Syntax = "PR006";
    public const string YamlFeature = "PR007";
    public const string DuplicateKey = "PR008";
    public const string UnknownKey = "PR009";
    public const string MissingKey = "PR010";
    public const string Shape = "PR011";
    public const string UnknownWord = "PR012";
    public const string DuplicateId = "PR013";
    public const string Date = "PR014";
    public const string Misplaced = "PR015";
    public const string Address = "PR017";
    public const string Credential = "PR018";
    public const string Limit = "PR019";
    public const string NeverFires = "PR020";
    public const string CannotPerform = "PR021";
    public const string Contradiction = "PR022";
    public const string Name = "PR023";
    public const string StrayFile = "PR024";
    public const string Subsumed = "PR025";
    public const string Disproved = "PR026";
    public const string CaseFails = "PR027";
    public const string Signature = "PR028";

    public const string NoEndpoint = "PR101";
    public const string NoPermit = "PR102";
    public const string UnverifiedPaper = "PR103";
    public const string UnclassifiedPermitted = "PR104";
    public const string MissingFile = "PR105";
    public const string UndefinedClass = "PR106";
    public const string UnreachableClass = "PR107";
    public const string RemovablePermit = "PR108";
    public const string UnreachableDeployment = "PR109";
    public const string PairNeverTested = "PR110";
    public const string OneRoute = "PR111";
    public const string RouteEnds = "PR112";
    public const string PaperEnds = "PR113";
    public const string ReviewDue = "PR114";
    public const string NotAnalysed = "PR115";
    public const string ZoneUnused = "PR116";

    public const string GuardRail = "PR201";
}
