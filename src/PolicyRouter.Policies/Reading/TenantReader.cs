using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads the files of <c>tenants/</c>: bounds that one tenant sets itself. They narrow the policy and can grant nothing.</summary>
internal sealed class TenantReader(Vocabulary words, IReadOnlyList<Rule>? rules)
{
    /// <summary>What a tenant may add. A permit would grant, and a preference is the platform's.</summary>
    public static IReadOnlyList<string> Effects { get; } = ["forbid", "require"];

    private readonly List<Tenant> _tenants = [];
    private readonly List<ScalarNode> _ids = [];

    public IReadOnlyList<Tenant> Tenants => _tenants;

    /// <summary>Where the ids of all their rules stand.</summary>
    public IReadOnlyList<ScalarNode> Ids => _ids;

    /// <param name="root">The file.</param>
    /// <param name="name">Its name for messages.</param>
    /// <param name="tenant">The file name without <c>.yaml</c>: the <c>tenant</c> of the tokens it is about.</param>
    public void ReadFile(PolicyNode? root, string name, string tenant)
    {
        if (MapReader.Of(root, name, words.Log) is not { } file)
        {
            return;
        }

        using var effectOfErrors = words.Log.IfShipped($"the requests of tenant {tenant} would not be bound by what this file says");
        file.OneOf("format", ["policyrouter/tenant/v1"]);
        RulesReader own = new(words, Effects);
        own.ReadRules(file, name, required: false);
        _ids.AddRange(own.Ids);
        Dictionary<string, IReadOnlyList<Condition>> narrowed = new(StringComparer.Ordinal);
        foreach (var node in file.List("narrow permits", required: false))
        {
            if (MapReader.Of(node, "narrowed permit", words.Log) is { } entry)
            {
                Narrow(entry, narrowed);
                entry.Close();
            }
        }

        file.Close();
        _tenants.Add(new(tenant, own.Rules, narrowed));
    }

    private void Narrow(MapReader entry, Dictionary<string, IReadOnlyList<Condition>> narrowed)
    {
        var permit = entry.Text("permit");
        entry.What = $"narrowed permit {permit?.Text}";
        if (permit is not null)
        {
            words.Check(permit, rules is null ? null : [.. rules.Where(static rule => rule.Effect is Effect.Permit).Select(static rule => rule.Id)], "permit", entry.What);
        }

        var when = new ConditionReader(words, $"\"when all\" of {entry.What}", Effect.Permit, Place.When).ReadList(entry.Any("when all"));
        if (permit is not null && !narrowed.TryAdd(permit.Text, [.. when.Select(static c => c.Condition)]))
        {
            words.Log.Error(permit, ProblemCodes.DuplicateId, $"permit {permit.Text} is narrowed twice", "put all conditions together");
        }
    }
}
