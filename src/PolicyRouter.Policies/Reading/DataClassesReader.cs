using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>data-classes.yaml</c>: kinds of data, zones, purposes and features.</summary>
internal static class DataClassesReader
{
    /// <summary>The engine's fixed behaviour, which the file repeats for its readers and may not restate differently.</summary>
    public const string Escalation = "declared labels PLUS everything the detector finds PLUS everything \"is also\" adds";

    public static PolicyModel Read(PolicyNode? root, PolicyModel model, Vocabulary words)
    {
        if (MapReader.Of(root, "data-classes.yaml", words.Log) is not { } file)
        {
            return model;
        }

        file.OneOf("format", ["policyrouter/data-classes/v1"]);
        file.OneOf("escalation", [Escalation], required: false);
        var zones = Words(file, "zones", words, "zone");
        var purposes = Words(file, "purposes", words, "purpose");
        var features = Words(file, "features", words, "feature");
        words.Zones = zones;
        words.Purposes = purposes;
        words.Features = features;
        words.BusinessUnits = Words(file, "business units", words, "business unit", required: false);
        var classes = ReadClasses(file, words);
        List<Adequacy> adequacies = [.. file.List("adequacy", required: false).Select(node => ReadAdequacy(node, words)).OfType<Adequacy>()];
        List<Lowering> lowerings = [.. file.List("lowering", required: false).Select(node => ReadLowering(node, words)).OfType<Lowering>()];
        file.Close();
        return model with
        {
            BusinessUnits = words.BusinessUnits,
            Lowerings = lowerings,
            Classes = classes,
            Zones = zones,
            Purposes = purposes,
            Features = features,
            Adequacies = adequacies,
        };
    }

    private static List<string> Words(MapReader file, string key, Vocabulary words, string kind, bool required = true)
    {
        var listed = file.Words(key, required);
        foreach (var word in listed)
        {
            words.CheckName(word, kind);
        }

        words.CheckCount(file.Node, listed.Count, WordBits.Capacity, key);
        return [.. listed.Select(static word => word.Text)];
    }

    private static List<DataClass> ReadClasses(MapReader file, Vocabulary words)
    {
        List<(DataClass Class, ScalarNode Id, IReadOnlyList<ScalarNode> IsAlso)> read = [];
        foreach (var node in file.List("classes"))
        {
            if (MapReader.Of(node, "data class", words.Log) is not { } entry)
            {
                continue;
            }

            using var effectOfErrors = words.Log.IfShipped(() => $"{entry.What} would be unknown, and data of an unknown class goes nowhere");
            var id = entry.Text("id");
            entry.What = $"data class {id?.Text}";
            var label = entry.Text("label");
            var isAlso = entry.Words("is also", required: false);
            var citation = entry.Text("citation", required: false);
            entry.Close();
            if (id is not null && words.CheckName(id, "data class"))
            {
                read.Add((new(id.Text, label?.Text ?? "", [.. isAlso.Select(static w => w.Text)], citation?.Text), id, isAlso));
            }
        }

        words.CheckUnique(read.Select(static entry => entry.Id), "data class");
        words.CheckCount(file.Node, read.Count(static entry => entry.Id.Text != CompiledWords.Unclassified) + 1, WordBits.Capacity, "data classes");
        words.Classes = [.. read.Select(static entry => entry.Id.Text).Append(CompiledWords.Unclassified).Distinct(StringComparer.Ordinal)];
        foreach (var (dataClass, id, isAlso) in read)
        {
            words.Check(isAlso, words.Classes, "data class", $"data class {id.Text}");
            foreach (var self in isAlso.Where(parent => parent.Text == dataClass.Id))
            {
                words.Log.Error(self, ProblemCodes.Contradiction, $"data class {id.Text} \"is also\" itself");
            }
        }

        return [.. read.Select(static entry => entry.Class)];
    }

    private static Lowering? ReadLowering(PolicyNode node, Vocabulary words)
    {
        if (MapReader.Of(node, "lowering", words.Log) is not { } entry)
        {
            return null;
        }

        using var effectOfErrors = words.Log.IfShipped("nothing could be lowered by this line");
        var from = entry.OneOf("from", words.Classes ?? []);
        var to = entry.OneOf("to", words.Classes ?? []);
        entry.What = $"lowering of {from?.Text}";
        var by = entry.Text("by");
        const string Redact = "redact ";
        if (by is not null && !by.Text.StartsWith(Redact, StringComparison.Ordinal))
        {
            words.Log.Error(by, ProblemCodes.Shape, $"\"by\" in {entry.What} must say redact and a profile", "redact hipaa-safe-harbor-18");
        }
        else if (by is not null && words.RedactionProfiles is { } profiles && !profiles.Contains(by.Text[Redact.Length..]))
        {
            words.Log.UnknownWord(
                by, ProblemCodes.CannotPerform, $"{entry.What} needs \"{by.Text}\", which this gateway cannot perform",
                profiles.Select(static profile => Redact + profile));
        }

        var approval = entry.Text("needs approval");
        var citation = entry.Text("citation");
        entry.Close();
        if (from is not null && from.Text == to?.Text)
        {
            words.Log.Error(to, ProblemCodes.Contradiction, $"{entry.What} leads to the same class");
        }

        return from is null || to is null || by is null || approval is null || citation is null || !words.CheckName(approval, "role")
            ? null
            : new(from.Text, to.Text, by.Text.Length > Redact.Length ? by.Text[Redact.Length..] : "", approval.Text, citation.Text);
    }

    private static Adequacy? ReadAdequacy(PolicyNode node, Vocabulary words)
    {
        if (MapReader.Of(node, "adequacy", words.Log) is not { } entry)
        {
            return null;
        }

        using var effectOfErrors = words.Log.IfShipped("the finding would not count, so each such transfer would need a paper");
        var from = entry.OneOf("from", words.Zones ?? []);
        var to = entry.OneOf("to", words.Zones ?? []);
        var inForce = entry.InForce();
        var citation = entry.Text("citation");
        entry.Close();
        return from is null || to is null || inForce is not { } span ? null : new(from.Text, to.Text, span, citation?.Text);
    }
}
