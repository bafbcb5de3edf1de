using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>registry.yaml</c>: deployments, and the papers signed with their providers.</summary>
internal static class RegistryReader
{
    private const string Unknown = Deployment.UnknownPlace;

    public static PolicyModel Read(PolicyNode? root, PolicyModel model, Vocabulary words)
    {
        if (MapReader.Of(root, "registry.yaml", words.Log) is not { } file)
        {
            return model;
        }

        file.OneOf("format", ["policyrouter/registry/v1"]);
        var zone = ReadTimeZone(file, words);
        var people = PeopleReader.Read(file.List("people", required: false), words);
        words.Roles = [.. people.SelectMany(static person => person.Roles).Distinct(StringComparer.Ordinal)];
        var deployments = ReadDeployments(file, words);
        words.Deployments = [.. deployments.Select(static d => d.Id)];
        words.Providers = [.. deployments.Select(static d => d.Provider).Distinct(StringComparer.Ordinal)];
        words.Services = [.. deployments.Select(static d => d.Service).Distinct(StringComparer.Ordinal)];
        words.Models = [.. deployments.Select(static d => d.Model).Distinct(StringComparer.Ordinal)];
        var agreements = AgreementReader.Read(file.List("agreements", required: false), words);
        file.Close();
        return model with { LegalTimeZone = zone, People = people, Deployments = deployments, Agreements = agreements };
    }

    private static TimeZoneInfo ReadTimeZone(MapReader file, Vocabulary words)
    {
        if (file.Text("legal timezone") is not { } name)
        {
            return TimeZoneInfo.Utc;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(name.Text, out var zone))
        {
            return zone;
        }

        words.Log.Error(name, ProblemCodes.UnknownWord, $"unknown time zone \"{name.Text}\"", "a name such as America/New_York or Europe/Berlin");
        return TimeZoneInfo.Utc;
    }

    private static List<Deployment> ReadDeployments(MapReader file, Vocabulary words)
    {
        List<Deployment> deployments = [];
        List<ScalarNode> ids = [];
        foreach (var node in file.List("deployments"))
        {
            if (ReadDeployment(node, words) is var (id, deployment))
            {
                ids.Add(id);
                deployments.Add(deployment);
            }
        }

        words.CheckUnique(ids, "deployment");
        words.CheckCount(file.Node, deployments.Count, DeploymentSet.Capacity, "deployments");
        return [.. deployments.DistinctBy(static d => d.Id, StringComparer.OrdinalIgnoreCase)];
    }

    private static (ScalarNode Id, Deployment Deployment)? ReadDeployment(PolicyNode node, Vocabulary words)
    {
        if (MapReader.Of(node, "deployment", words.Log) is not { } entry)
        {
            return null;
        }

        using var effectOfErrors = words.Log.IfShipped(() => $"{entry.What} would not exist, so nothing could be sent to it");
        var id = entry.Text("id");
        entry.What = $"deployment {id?.Text}";
        var hosting = entry.OneOf("hosting", [.. HostingIs.Known, Unknown]);
        var training = entry.OneOf("training on our data", [.. TrainingIs.Known, Unknown]);
        Deployment deployment = new()
        {
            Id = id?.Text ?? "",
            Provider = entry.Text("provider")?.Text ?? "",
            Service = entry.Text("service")?.Text ?? "",
            Model = entry.Text("model")?.Text ?? "",
            Hosting = Known(hosting),
            Features = words.Check(entry.Words("features"), words.Features, "feature", entry.What),
            ProcessingRegions = Places(entry, "processing regions", words),
            StorageRegions = Places(entry, "storage regions", words),
            RetentionDays = ReadRetention(entry),
            TrainingOnOurData = Known(training),
            ProviderReviewsContent = Known(entry.OneOf("provider reviews content", [.. ProviderReviewsContent.Known, Unknown], required: false)),
            SuspendsOnResidencyMismatch = entry.OneOf("on residency mismatch", ["record", "suspend"], required: false)?.Text == "suspend",
            Evidence = ReadEvidence(entry, words),
            Status = entry.OneOf("status", [.. DeploymentStatusIs.Known, Unknown])?.Text ?? Unknown,
        };
        entry.Text("notes", required: false);
        entry.Close();
        return id is not null && words.CheckName(id, "deployment") ? (id, deployment) : null;
    }

    private static Evidence? ReadEvidence(MapReader deployment, Vocabulary words)
    {
        if (MapReader.Of(deployment.Any("evidence", required: false), $"the evidence of {deployment.What}", words.Log) is not { } entry)
        {
            return null;
        }

        var checkedOn = entry.Date("checked on");
        var by = entry.Text("by");
        var source = entry.Text("source");
        entry.Close();
        // Evidence that is written but broken must not count as "nobody says": the folder is refused, so the value does not matter.
        return checkedOn is { } day && by is not null && source is not null ? new(day, by.Text, source.Text) : null;
    }

    private static string? Known(ScalarNode? word) => word?.Text is Unknown ? null : word?.Text;

    private static IReadOnlyList<string> Places(MapReader entry, string key, Vocabulary words) =>
        words.Check(entry.Words(key), words.Zones is { } zones ? [.. zones, Unknown] : null, "zone", $"\"{key}\" of {entry.What}");

    private static int? ReadRetention(MapReader entry) =>
        entry.Any("retention days") is ScalarNode { Text: Unknown } ? null : entry.Has("retention days") ? entry.Number("retention days", 0, 36_500) : null;
}
