using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Cases;

/// <summary>Where something stands, for messages: a file relative to the policy folder's parent, and a 1-based line and column.</summary>
internal sealed record SourcePlace(string File, int Line, int Column);

/// <summary>What counsel expects of the rules beside it: single cases, and claims about every request on every date.</summary>
internal sealed record PolicySuite(IReadOnlyList<PolicyCase> Cases, IReadOnlyList<NeverClaim> Never, IReadOnlyList<AlwaysClaim> Always)
{
    public static PolicySuite Empty { get; } = new([], [], []);
}

/// <summary>One request and what must be decided about it. Null lists are not asserted; what is asserted is exact.</summary>
internal sealed record PolicyCase
{
    public required string Name { get; init; }
    public required SourcePlace At { get; init; }

    /// <summary>With the day of the case, or of its file.</summary>
    public required PolicyRequest Request { get; init; }

    /// <summary>Deployment ids in preference order.</summary>
    public required IReadOnlyList<string>? Permitted { get; init; }

    /// <summary>Per deployment named: every reason, sorted.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Denied { get; init; }

    /// <summary>Per deployment named: the ids of every duty rule that fires.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Duties { get; init; }
}

/// <summary>Something that no request on any date may lead to, whatever overrides and approvals are held.</summary>
internal sealed record NeverClaim(string Id, string Claim, IReadOnlyList<Condition> WhenAll, IReadOnlyList<Condition> UnlessAny, SourcePlace At);

/// <summary>A request that must stay answerable on every date from <see cref="Today"/> on, after the loss of any one failure domain.</summary>
internal sealed record AlwaysClaim(string Id, string Claim, PolicyRequest Given, DateOnly Today, SourcePlace At);
