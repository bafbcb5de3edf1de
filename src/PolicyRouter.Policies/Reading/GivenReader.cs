using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>given</c> of a case or claim: the request that the rules are asked about.</summary>
internal sealed class GivenReader(Vocabulary words, IReadOnlyList<string>? routes)
{
    /// <summary>Null when it is missing or no map, which has then been reported.</summary>
    public PolicyRequest? Read(MapReader entry, DateOnly day)
    {
        if (MapReader.Of(entry.Any("given"), $"\"given\" of {entry.What}", words.Log) is not { } given)
        {
            return null;
        }

        PolicyRequest request = new()
        {
            Day = day,
            FloorClasses = Classes(given, "floor", required: false),
            DeclaredClasses = Classes(given, "data", required: true),
            DetectedClasses = Classes(given, "detected", required: false),
            Subjects = Zones(given),
            Purpose = Word(given, "purpose", words.Purposes),
            Features = words.Check(given.Words("features", mayBeEmpty: true), words.Features, "feature", given.What),
            Route = Route(given),
            Caller = given.Text("caller", required: false)?.Text,
            BusinessUnit = Word(given, "business unit", words.BusinessUnits),
            Tenant = given.Text("tenant", required: false)?.Text,
            Approvals = Approvals(given),
        };
        given.Close();
        return request;
    }

    /// <summary>The name in <c>route</c>: a route, a deployment or <c>auto</c>; null when none is written.</summary>
    public string? Route(MapReader map)
    {
        if (map.Text("route", required: false) is not { } route)
        {
            return null;
        }

        words.Check(route, routes, "route", map.What);
        return route.Text;
    }

    /// <summary>A class that nobody has defined is worth a case: it must be decided as unclassified. It may also be a slip, hence the warning.</summary>
    private IReadOnlyCollection<string> Classes(MapReader given, string key, bool required)
    {
        var classes = given.Words(key, required, mayBeEmpty: true);
        foreach (var label in classes.Where(label => words.Classes?.Contains(label.Text) is false && label.Text != CompiledWords.Unclassified))
        {
            words.Log.Warning(
                label, ProblemCodes.UndefinedClass, $"data class \"{label.Text}\" in {given.What} is not defined, so it is decided as {CompiledWords.Unclassified}",
                NearestWord.To(label.Text, words.Classes!) is { } nearest ? $"did you mean \"{nearest}\"?" : null);
        }

        return [.. classes.Select(static label => label.Text)];
    }

    private IReadOnlyCollection<string> Zones(MapReader given)
    {
        var zones = given.Words("subjects", required: false, mayBeEmpty: true);
        words.Check([.. zones.Where(static zone => zone.Text != Facts.Deployment.UnknownPlace)], words.Zones, "zone", given.What);
        return [.. zones.Select(static zone => zone.Text)];
    }

    private string? Word(MapReader given, string key, IReadOnlyList<string>? known)
    {
        if (given.Text(key, required: false) is not { } word)
        {
            return null;
        }

        words.Check(word, known, key, given.What);
        return word.Text;
    }

    /// <summary>Approvals the question supposes, as <c>{rule: ROLE}</c>.</summary>
    private List<Approval> Approvals(MapReader given)
    {
        List<Approval> approvals = [];
        if (MapReader.Of(given.Any("approvals", required: false), $"\"approvals\" of {given.What}", words.Log) is { Node: MapNode map })
        {
            foreach (var entry in map.Entries)
            {
                if (entry.Value is ScalarNode { Text.Length: > 0 } role)
                {
                    approvals.Add(Approval.Supposed(entry.Key.Text, role.Text));
                }
                else
                {
                    words.Log.Error(entry.Value, ProblemCodes.Shape, $"\"approvals\" of {given.What} must name one role per rule", "RULE: role");
                }
            }
        }

        return approvals;
    }
}
