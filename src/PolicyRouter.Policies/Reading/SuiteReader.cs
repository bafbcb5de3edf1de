using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads the files of <c>tests/</c>: cases, and claims about every request. Their order means nothing.</summary>
internal sealed class SuiteReader
{
    public const string AnyFailureDomain = "any one failure domain";

    private readonly Vocabulary _words;
    private readonly GivenReader _given;
    private readonly ExpectationReader _expectations;
    private readonly List<PolicyCase> _cases = [];
    private readonly List<NeverClaim> _never = [];
    private readonly List<AlwaysClaim> _always = [];
    private readonly List<ScalarNode> _names = [];
    private readonly List<ScalarNode> _claims = [];

    /// <param name="words">Names of the other files.</param>
    /// <param name="model">What the other files say.</param>
    /// <param name="namesAreKnown">False while another file has errors: then a rule or route may be missing only because it could not be read.</param>
    public SuiteReader(Vocabulary words, PolicyModel model, bool namesAreKnown)
    {
        _words = words;
        _given = new(words, namesAreKnown
            ? [.. model.Routes.Select(static route => route.Model), .. model.Deployments.Select(static d => d.Id), PolicySnapshot.AnyDeployment]
            : null);
        _expectations = new(words, namesAreKnown ? [.. model.Rules, .. model.Tenants.SelectMany(static tenant => tenant.Rules)] : null);
    }

    public PolicySuite Suite => new(_cases, _never, _always);

    public void ReadFile(PolicyNode? root, string name)
    {
        if (MapReader.Of(root, name, _words.Log) is not { } file)
        {
            return;
        }

        file.OneOf("format", ["policyrouter/tests/v1"]);
        var today = file.Date("today") ?? default;
        Each(file, "cases", "case", entry => ReadCase(entry, today));
        Each(file, "never", "claim", ReadNever);
        Each(file, "always", "claim", entry => ReadAlways(entry, today));
        file.Close();
    }

    /// <summary>After the last file: what can be said only of all files together.</summary>
    public void Finish()
    {
        _words.CheckUnique(_claims, "claim");
        Dictionary<string, ScalarNode> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (var name in _names.Where(name => !seen.TryAdd(name.Text, name)))
        {
            var first = seen[name.Text];
            _words.Log.Error(name, ProblemCodes.DuplicateId, $"a case of this name already stands at {first.File.Name}:{first.Line}");
        }
    }

    private void Each(MapReader file, string key, string what, Action<MapReader> read)
    {
        foreach (var node in file.List(key, required: false))
        {
            if (MapReader.Of(node, what, _words.Log) is { } entry)
            {
                using var effectOfErrors = _words.Log.IfShipped(() => $"{entry.What} would be left out, and hold nothing in place");
                read(entry);
                entry.Close();
            }
        }
    }

    private void ReadCase(MapReader entry, DateOnly today)
    {
        var name = entry.Text("name");
        entry.What = $"case \"{name?.Text}\"";
        var request = _given.Read(entry, entry.Date("today", required: false) ?? today);
        var permitted = _expectations.Permitted(entry);
        var denied = _expectations.Denied(entry);
        var duties = _expectations.Duties(entry);
        if (permitted is null && denied.Count == 0 && duties.Count == 0 && !entry.Has("denied") && !entry.Has("duties"))
        {
            _words.Log.Error(entry.Node, ProblemCodes.MissingKey, $"{entry.What} expects nothing", "permitted, denied or duties");
        }

        Contradictions(entry, "denied", denied.Keys.Where(id => permitted?.Contains(id) ?? false), "permitted and denied");
        Contradictions(entry, "duties", duties.Keys.Where(id => !(permitted?.Contains(id) ?? true)), "given duties, but not permitted");
        if (name is not null && request is not null)
        {
            _names.Add(name);
            _cases.Add(new() { Name = name.Text, At = PlaceOf(entry), Request = request, Permitted = permitted, Denied = denied, Duties = duties });
        }
    }

    private void Contradictions(MapReader entry, string key, IEnumerable<string> deployments, string how)
    {
        foreach (var deployment in deployments)
        {
            _words.Log.Error(entry.KeyNode(key), ProblemCodes.Contradiction, $"in {entry.What} {deployment} is {how}");
        }
    }

    private void ReadNever(MapReader entry)
    {
        var (id, claim) = ReadHead(entry);
        var (when, unless) = (Conditions(entry, "when all", Place.NeverWhen), Conditions(entry, "unless any", Place.NeverUnless));
        if (id is not null && claim is not null)
        {
            _never.Add(new(id.Text, claim.Text, when, unless, PlaceOf(entry)));
        }
    }

    private List<Condition> Conditions(MapReader entry, string key, Place place) =>
        [.. new ConditionReader(_words, $"\"{key}\" of {entry.What}", Effect.Forbid, place).ReadList(entry.Any(key, required: place is Place.NeverWhen)).Select(static c => c.Condition)];

    private void ReadAlways(MapReader entry, DateOnly today)
    {
        var (id, claim) = ReadHead(entry);
        var route = _given.Route(entry);
        var request = _given.Read(entry, today);
        entry.OneOf("survives", [AnyFailureDomain]);
        if (route is not null && request?.Route is not null)
        {
            _words.Log.Error(entry.KeyNode("route"), ProblemCodes.Contradiction, $"{entry.What} names a route here and in \"given\"", "name it once");
        }

        if (id is not null && claim is not null && request is not null)
        {
            _always.Add(new(id.Text, claim.Text, request with { Route = route ?? request.Route }, today, PlaceOf(entry)));
        }
    }

    private (ScalarNode? Id, ScalarNode? Claim) ReadHead(MapReader entry)
    {
        var id = entry.Text("id");
        entry.What = $"claim {id?.Text}";
        if (id is not null && _words.CheckName(id, "claim"))
        {
            _claims.Add(id);
        }

        return (id, entry.Text("claim"));
    }

    private static SourcePlace PlaceOf(MapReader entry) => new(entry.Node.File.Name, entry.Node.Line, entry.Node.Column);
}
