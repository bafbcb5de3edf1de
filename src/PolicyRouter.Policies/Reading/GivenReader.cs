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
            Purpose = Purpose(given),
            Features = words.Check(given.Words("features", mayBeEmpty: true), words.Features, "feature", given.What),
            Route = Route(given),
            Caller = given.Text("caller", required: false)?.Text,
            BusinessUnit = given.Text("business unit", required: false)?.Text,
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

    private string? Purpose(MapReader given)
    {
        if (given.Text("purpose", required: false) is not { } purpose)
        {
            return null;
        }

        words.Check(purpose, words.Purposes, "purpose", given.What);
        return purpose.Text;
    }
}
