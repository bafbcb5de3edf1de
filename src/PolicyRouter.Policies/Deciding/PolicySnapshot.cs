using System.Collections.Frozen;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Deciding;

/// <summary>One checked and compiled policy folder. Immutable; a request keeps the one it started with.</summary>
public sealed class PolicySnapshot
{
    /// <summary>The name in <c>model</c> that asks for any deployment the rules permit.</summary>
    public const string AnyDeployment = "auto";

    private readonly CompiledWords _words;
    private readonly CompiledRule[] _rules;
    private readonly DateOnly[] _edges;
    private readonly DayPlan?[] _plans;
    private readonly DecisionMaker _decisions;

    internal PolicySnapshot(PolicyModel model, string version)
    {
        Model = model;
        Version = version;
        // Ordinal order everywhere, so that the order of files and lines cannot matter.
        Deployments = [.. model.Deployments.OrderBy(static d => d.Id, StringComparer.Ordinal)];
        Endpoints = model.Endpoints.ToFrozenDictionary(static e => e.DeploymentId, StringComparer.Ordinal);
        Routes = model.Routes.ToFrozenDictionary(static r => r.Model, StringComparer.Ordinal);
        _words = new(model);
        Classes = _words.Classes.Words.ToFrozenSet(StringComparer.Ordinal);
        Zones = model.Zones.ToFrozenSet(StringComparer.Ordinal);
        Purposes = model.Purposes.ToFrozenSet(StringComparer.Ordinal);
        Features = model.Features.ToFrozenSet(StringComparer.Ordinal);
        _rules = [.. model.Rules.OrderBy(static r => r.Id, StringComparer.Ordinal).Select(rule => new CompiledRule(rule, _words, Deployments))];
        _edges = [.. DateEdges(model).Distinct().Order()];
        _plans = new DayPlan?[_edges.Length + 1];
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
    public IReadOnlySet<string> Classes { get; }
    public IReadOnlySet<string> Zones { get; }
    public IReadOnlySet<string> Purposes { get; }
    public IReadOnlySet<string> Features { get; }

    internal PolicyModel Model { get; }

    /// <summary>The whole day an instant falls on in the registry's legal time zone.</summary>
    public DateOnly DayOf(DateTimeOffset instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Model.LegalTimeZone).DateTime);

    /// <summary>True for a route name, a deployment id, or <c>auto</c>.</summary>
    public bool Offers(string model) =>
        model == AnyDeployment || Routes.ContainsKey(model) || Deployments.Any(deployment => deployment.Id == model);

    /// <summary>Decides one request. Pure: same request, same snapshot, same answer, for ever.</summary>
    /// <exception cref="ArgumentException">The request names a route that <see cref="Offers"/> does not know.</exception>
    public Decision Decide(PolicyRequest request) => _decisions.Decide(request, PlanFor(request.Day));

    private DayPlan PlanFor(DateOnly day)
    {
        var index = Array.BinarySearch(_edges, day);
        index = index >= 0 ? index + 1 : ~index;
        if (Volatile.Read(ref _plans[index]) is { } plan)
        {
            return plan;
        }

        // Two threads may compile the same plan; the first one stays, so that its cached reasons are shared.
        DayPlan made = new(Model, _words, _rules, Deployments, day);
        return Interlocked.CompareExchange(ref _plans[index], made, null) ?? made;
    }

    private static IEnumerable<DateOnly> DateEdges(PolicyModel model) =>
        [
            .. model.Rules.SelectMany(static rule => rule.InForce.Edges()),
            .. model.Agreements.SelectMany(static agreement => agreement.Edges()),
            .. model.Adequacies.SelectMany(static adequacy => adequacy.InForce.Edges()),
        ];
}
