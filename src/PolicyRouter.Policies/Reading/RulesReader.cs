using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads the files of <c>rules/</c>. Their order, and the order of the rules in them, means nothing.</summary>
internal sealed class RulesReader(Vocabulary words, IReadOnlyList<string>? effects = null)
{
    public static IReadOnlyList<string> Effects { get; } = ["forbid", "permit", "prefer", "require"];
    public static IReadOnlyList<string> Strengths { get; } = ["absolute", "advisory", "overridable"];

    private readonly List<Rule> _rules = [];
    private readonly List<ScalarNode> _ids = [];

    public IReadOnlyList<Rule> Rules => _rules;

    /// <summary>Where each id stands.</summary>
    public IReadOnlyList<ScalarNode> Ids => _ids;

    public void ReadFile(PolicyNode? root, string name)
    {
        if (MapReader.Of(root, name, words.Log) is not { } file)
        {
            return;
        }

        file.OneOf("format", ["policyrouter/rules/v1"]);
        ReadRules(file, name, required: true);
        file.Close();
    }

    /// <summary>Reads <c>defaults</c> and <c>rules</c> of a file of rules or of a tenant.</summary>
    public void ReadRules(MapReader file, string name, bool required)
    {
        string? owner = null;
        DateSpan? inForce = null;
        if (MapReader.Of(file.Any("defaults", required: false), $"\"defaults\" of {name}", words.Log) is { } defaults)
        {
            owner = defaults.Text("owner", required: false)?.Text;
            inForce = defaults.InForce(required: false);
            defaults.Close();
        }

        foreach (var node in file.List("rules", required))
        {
            if (MapReader.Of(node, "rule", words.Log) is { } entry)
            {
                ReadRule(entry, owner, inForce);
                entry.Close();
            }
        }
    }

    private void ReadRule(MapReader entry, string? owner, DateSpan? defaultSpan)
    {
        using var effectOfErrors = words.Log.IfShipped(() => $"{entry.What} would not exist, {WithoutRule(entry)}");
        var id = entry.Text("id");
        entry.What = $"rule {id?.Text}";
        if (id is not null && words.CheckName(id, "rule"))
        {
            _ids.Add(id);
        }

        var shadow = entry.OneOf("shadow", ["false", "true"], required: false);
        var title = entry.Text("title");
        var reason = entry.Text("reason");
        var citation = entry.Words("citation", single: true);
        var ruleOwner = entry.Text("owner", required: owner is null)?.Text ?? owner;
        // A span that is written but broken has been reported; the default must not hide it.
        var span = entry.Has("in force") || defaultSpan is null ? entry.InForce() : defaultSpan;
        if (!entry.Has("in force"))
        {
            entry.Any("in force", required: false);
        }

        if (entry.OneOf("effect", effects ?? Effects) is not { } effectWord)
        {
            SkipRest(entry);
            return;
        }

        var effect = Enum.Parse<Effect>(effectWord.Text, ignoreCase: true);
        var when = Conditions(entry, "when all", effect, Place.When);
        var unless = Conditions(entry, "unless any", effect, Place.Unless);
        var prefer = effect is Effect.Prefer ? Conditions(entry, "prefer", effect, Place.Prefer, required: true) : [];
        var covers = effect is Effect.Permit ? Covers(entry) : [];
        var duty = effect is Effect.Require ? DutyReader.Read(entry, words) : null;
        var strength = effect is Effect.Forbid ? entry.OneOf("strength", Strengths, required: false) : null;
        if (effect is not Effect.Prefer && effect is not Effect.Permit && when.Count == 0 && !entry.Has("when all"))
        {
            entry.Any("when all");
        }

        NeverFires.Check(entry.What, effect, when, unless, words.Log);
        if (id is not null && title is not null && reason is not null && ruleOwner is not null && span is { } days)
        {
            _rules.Add(new()
            {
                Id = id.Text,
                Title = title.Text,
                Effect = effect,
                Strength = strength is null ? Strength.Absolute : Enum.Parse<Strength>(strength.Text, ignoreCase: true),
                Shadow = shadow?.Text == "true",
                Owner = ruleOwner,
                InForce = days,
                Reason = reason.Text,
                Citation = [.. citation.Select(static c => c.Text)],
                WhenAll = [.. when.Select(static c => c.Condition)],
                UnlessAny = [.. unless.Select(static c => c.Condition)],
                CoversData = covers,
                Duty = duty,
                Prefer = [.. prefer.Select(static c => c.Condition).OfType<DeploymentCondition>()],
            });
        }
    }

    private static string WithoutRule(MapReader entry) => entry.Peek("effect") switch
    {
        "forbid" => "so what it forbids could be sent wherever a permit lets it",
        "permit" => "so what it permits could go nowhere",
        "require" => "so its duty would not be done",
        "prefer" => "so nothing would be preferred by it",
        _ => "so nothing would follow from it",
    };

    private List<(Condition Condition, ScalarNode At)> Conditions(MapReader entry, string key, Effect effect, Place place, bool required = false) =>
        new ConditionReader(words, $"\"{key}\" of {entry.What}", effect, place).ReadList(entry.Any(key, required));

    private IReadOnlyList<string> Covers(MapReader entry)
    {
        var listed = entry.Words("covers data");
        foreach (var word in listed.Where(static word => word.Text == CompiledWords.Unclassified))
        {
            words.Log.Warning(
                word, ProblemCodes.UnclassifiedPermitted, $"{entry.What} permits data that nobody and nothing has classified", "remove it unless it is meant");
        }

        return words.Check(listed, words.Classes, "data class", entry.What);
    }

    /// <summary>Without an effect the other keys cannot be judged; they are known, so they are not reported as unknown.</summary>
    private static void SkipRest(MapReader entry)
    {
        foreach (var key in (string[])["when all", "unless any", "prefer", "covers data", "duty", "strength"])
        {
            entry.Any(key, required: false);
        }
    }
}
