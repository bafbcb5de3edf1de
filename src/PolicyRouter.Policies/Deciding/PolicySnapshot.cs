using System.Collections.Frozen;
using PolicyRouter.Policies.Authorizing;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Deciding;

/// <summary>One checked and compiled policy folder. Immutable; a request keeps the one it started with.</summary>
public sealed class PolicySnapshot
{
    /// <summary>The name in <c>model</c> that asks for any deployment the rules permit.</summary>
    public const string AnyDeployment = "auto";

    private readonly CompiledWords _words;
    private readonly DateOnly[] _edges;
    private readonly DayPlans _plans;
    private readonly FrozenDictionary<string, DayPlans> _tenants;
    private readonly DecisionMaker _decisions;

    internal PolicySnapshot(PolicyModel model, string version)
    {
        Model = model;
        Version = version;
        // Ordinal order everywhere, so that the order of files and lines cannot matter.
        Deployments = [.. model.Deployments.OrderBy(static d => d.Id, StringComparer.Ordinal)];
        Endpoints = model.Endpoints.ToFrozenDictionary(static e => e.DeploymentId, StringComparer.Ordinal);
        Redaction = model.Redaction;
        Routes = model.Routes.ToFrozenDictionary(static r => r.Model, StringComparer.Ordinal);
        _words = new(model);
        Classes = _words.Classes.Words.ToFrozenSet(StringComparer.Ordinal);
        Zones = model.Zones.ToFrozenSet(StringComparer.Ordinal);
        Purposes = model.Purposes.ToFrozenSet(StringComparer.Ordinal);
        Features = model.Features.ToFrozenSet(StringComparer.Ordinal);
        BusinessUnits = model.BusinessUnits.ToFrozenSet(StringComparer.Ordinal);
        Lowerings = [.. model.Lowerings.OrderBy(static l => l.Id, StringComparer.Ordinal)];
        _edges = [.. DateEdges(model).Distinct().Order()];
        _plans = new(this, _words, model.Rules, _edges);
        _tenants = model.Tenants.ToFrozenDictionary(
            static tenant => tenant.Name, tenant => new DayPlans(this, _words, tenant.Apply(model.Rules), _edges), StringComparer.Ordinal);
        _decisions = new(this, _words);
    }

    /// <summary>What is in force while no policy could be loaded: it knows nobody and permits nothing.</summary>
    public static PolicySnapshot DenyAll { get; } = new(PolicyModel.Empty, "sha256:" + new string('0', 64));

    /// <summary>SHA-256 over the path and content of all files, <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Version { get; }

    /// <summary>In ordinal order of their ids.</summary>
    public IReadOnlyList<Deployment> Deployments { get; }
    public IReadOnlyDictionary<string, Endpoint> Endpoints { get; }
    public IReadOnlyDictionary<string, Route> Routes { get; }

    /// <summary>What is redacted beyond what every host finds, and how.</summary>
    public RedactionPolicy Redaction { get; }
    public IReadOnlySet<string> Classes { get; }
    public IReadOnlySet<string> Zones { get; }
    public IReadOnlySet<string> Purposes { get; }
    public IReadOnlySet<string> Features { get; }
    public IReadOnlySet<string> BusinessUnits { get; }

    internal IReadOnlyList<Lowering> Lowerings { get; }
    internal CompiledWords Words => _words;

    /// <summary>The first day of each interval in which nothing changes by itself, but for the interval before them all.</summary>
    internal IReadOnlyList<DateOnly> Edges => _edges;

    internal PolicyModel Model { get; }

    /// <summary>The whole day an instant falls on in the registry's legal time zone.</summary>
    public DateOnly DayOf(DateTimeOffset instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Model.LegalTimeZone).DateTime);

    /// <summary>True for a route name, a deployment id, or <c>auto</c>.</summary>
    public bool Offers(string model) =>
        model == AnyDeployment || Routes.ContainsKey(model) || Deployments.Any(deployment => deployment.Id == model);

    /// <summary>Decides one request. Pure: same request, same snapshot, same answer, for ever.</summary>
    /// <exception cref="ArgumentException">The request names a route that <see cref="Offers"/> does not know.</exception>
    public Decision Decide(PolicyRequest request)
    {
        var tenant = request.Tenant is { Length: > 0 } name ? _tenants.GetValueOrDefault(name) : null;
        var isStranger = tenant is null && request.Tenant is { Length: > 0 } && _tenants.Count > 0;
        return _decisions.Decide(request, (tenant ?? _plans).For(request.Day), isStranger);
    }

    /// <summary>Checks a break-glass token: two people, overridable forbids only, four hours at most.</summary>
    /// <returns>Why it does not hold, in one sentence without content; null when it does.</returns>
    public string? CheckBreakGlass(string token, string caller, DateTimeOffset now, out BreakGlass? breakGlass) =>
        OverrideCheck.BreakGlass(Model, token, caller, now, out breakGlass);

    /// <summary>Checks an approval of the request with this hash: one entry per role its signer holds.</summary>
    /// <returns>Why it does not hold, in one sentence without content; null when it does.</returns>
    public string? CheckApproval(string token, string requestHash, DateTimeOffset now, out IReadOnlyList<Approval> approvals) =>
        OverrideCheck.Approval(Model, token, requestHash, now, out approvals);

    /// <summary>Approvals that would let somebody receive a request that nobody may receive now, as few as will do.</summary>
    /// <returns>Empty when no approval of a rule helps, or none is needed.</returns>
    public IReadOnlyList<NeededApproval> ApprovalsThatWouldHelp(PolicyRequest request)
    {
        var needed = _words.NeededApprovals.ToList();
        if (Decide(request).IsPermitted || !Decide(Supposing(request, needed)).IsPermitted)
        {
            return [];
        }

        foreach (var dispensable in needed.ToArray())
        {
            var fewer = needed.Where(other => other != dispensable).ToList();
            if (Decide(Supposing(request, fewer)).IsPermitted)
            {
                needed = fewer;
            }
        }

        return needed;
    }

    /// <summary>
    /// Lowerings, each of which would let somebody receive a request that nobody may receive now, provided that its redaction leaves nothing to find.
    /// </summary>
    public IReadOnlyList<NeededApproval> LoweringsThatWouldHelp(PolicyRequest request) => Decide(request).IsPermitted ? [] :
    [
        .. Lowerings.Select(static line => (line, approval: new NeededApproval(line.Id, line.NeedsApproval)))
            .Where(pair => Supposing(request, [pair.approval]) is var supposed
                && LoweringsHeldBy(supposed).Any(held => held.Name == pair.line.Id)
                && Lower(supposed, pair.line.From, pair.line.By, []) is { } lowered && Decide(lowered).IsPermitted)
            .Select(static pair => pair.approval),
    ];

    private static PolicyRequest Supposing(PolicyRequest request, IEnumerable<NeededApproval> approvals) => request with
    {
        Approvals = [.. request.Approvals, .. approvals.Select(static approval => Approval.Supposed(approval.Rule, approval.Role))],
    };

    /// <summary>The lowering lines that somebody with the right role has approved for this request, and whose class it has.</summary>
    public IReadOnlyList<HeldLowering> LoweringsHeldBy(PolicyRequest request) =>
    [
        .. Lowerings
            .Where(line => request.FloorClasses.Contains(line.From) || request.DeclaredClasses.Contains(line.From) || request.DetectedClasses.Contains(line.From))
            .Where(line => IsApproved(line, request))
            .Select(static line => new HeldLowering(line.Id, line.From, line.By)),
    ];

    /// <summary>
    /// The request as it counts after a lowering: its text was redacted by the profile of the line and scanned again, and a person has approved. Labels
    /// that are exactly the line's class become the other one; what the second scan found counts in full; the redaction becomes a duty.
    /// </summary>
    /// <returns>Null when no line lowers this class by this profile, or its approval is not held.</returns>
    public PolicyRequest? Lower(PolicyRequest request, string from, string redactedBy, IReadOnlyCollection<string> detectedAfterwards)
    {
        var line = Lowerings.FirstOrDefault(line => line.From == from && line.By == redactedBy && IsApproved(line, request));
        return line is null ? null : request with
        {
            FloorClasses = [.. request.FloorClasses.Select(label => label == from ? line.To : label)],
            DeclaredClasses = [.. request.DeclaredClasses.Select(label => label == from ? line.To : label)],
            DetectedClasses = detectedAfterwards,
            Lowered = new(
                request.Lowered?.Original ?? request,
                [.. request.Lowered?.Redactions ?? [], new FiringDuty(line.Id, line.By, Audit: null, KeepYears: null, Approval: null, RetentionDays: null)]),
        };
    }

    private static bool IsApproved(Lowering line, PolicyRequest request) =>
        request.Approvals.Any(approval => approval.Rule == line.Id && approval.Role == line.NeedsApproval);

    internal RequestBits BitsOf(PolicyRequest request) => _decisions.BitsOf(request);

    internal DayPlan PlanFor(DateOnly day) => _plans.For(day);

    private static IEnumerable<DateOnly> DateEdges(PolicyModel model) =>
        [
            .. model.Rules.SelectMany(static rule => rule.InForce.Edges()),
            .. model.Tenants.SelectMany(static tenant => tenant.Rules).SelectMany(static rule => rule.InForce.Edges()),
            .. model.Agreements.SelectMany(static agreement => agreement.Edges()),
            .. model.Adequacies.SelectMany(static adequacy => adequacy.InForce.Edges()),
            .. model.Deployments.SelectMany(static deployment => deployment.Evidence?.Valid.Edges() ?? []),
        ];
}
