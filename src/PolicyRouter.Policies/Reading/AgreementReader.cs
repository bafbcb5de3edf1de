using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads the <c>agreements</c> of the registry.</summary>
internal static class AgreementReader
{
    public static List<Agreement> Read(IReadOnlyList<PolicyNode> nodes, Vocabulary words)
    {
        List<Agreement> agreements = [];
        List<ScalarNode> ids = [];
        foreach (var node in nodes)
        {
            if (MapReader.Of(node, "agreement", words.Log) is not { } entry)
            {
                continue;
            }

            using var effectOfErrors = words.Log.IfShipped(() => $"{entry.What} would not count, so what needs it would be denied");
            var id = entry.Text("id");
            entry.What = $"agreement {id?.Text}";
            var agreement = ReadOne(entry, id?.Text ?? "", words);
            entry.Close();
            if (id is not null && words.CheckName(id, "agreement"))
            {
                ids.Add(id);
                if (agreement is not null)
                {
                    agreements.Add(agreement);
                }
            }
        }

        words.CheckUnique(ids, "agreement");
        return agreements;
    }

    private static Agreement? ReadOne(MapReader entry, string id, Vocabulary words)
    {
        var type = entry.OneOf("type", AgreementInForce.Known);
        var with = entry.Text("with");
        if (with is not null)
        {
            words.Check(with, words.Providers, "party", $"agreement {id}: no deployment is provided by it");
        }

        var inForce = entry.InForce();
        var reviewBy = entry.Date("review by", required: false);
        var terminated = entry.Date("terminated on", required: false);
        var signed = ReadDocument(entry, id, words);
        var onlyIf = ReadOnlyIf(entry, id, words);
        var covers = MapReader.Of(entry.Any("covers"), $"\"covers\" of agreement {id}", words.Log);
        if (covers is null)
        {
            return null;
        }

        var services = words.Check(covers.Words("services"), words.Services, "service", covers.What);
        var models = covers.Any("models") is ScalarNode { Text: "any" }
            ? null
            : covers.Has("models") ? words.Check(covers.Words("models"), words.Models, "model", covers.What) : [];
        var features = words.Check(covers.Words("features"), words.Features, "feature", covers.What);
        var isTransfer = type?.Text == "transfer";
        var regions = covers.Has("regions") || (!isTransfer && type is not null)
            ? words.Check(covers.Words("regions"), words.Zones, "zone", $"\"regions\" of agreement {id}")
            : null;
        List<Transfer> transfers = [.. covers.List("transfers", required: isTransfer).Select(node => ReadTransfer(node, id, words)).OfType<Transfer>()];
        if (type is not null && !isTransfer && transfers.Count > 0)
        {
            words.Log.Error(covers.KeyNode("transfers"), ProblemCodes.Contradiction, $"agreement {id} lists transfers but is of type {type.Text}", "type: transfer");
        }

        covers.Close();
        if (type is null || with is null || inForce is not { } span || signed is not { } signedOn)
        {
            return null;
        }

        Agreement agreement = new()
        {
            Id = id,
            Type = type.Text,
            With = with.Text,
            InForce = span,
            ReviewBy = reviewBy,
            SignedOn = signedOn,
            TerminatedOn = terminated,
            Services = services,
            Models = models,
            Features = features,
            Regions = regions,
            Transfers = transfers,
            OnlyIf = onlyIf,
        };
        CheckDays(agreement, entry, words.Log);
        return agreement;
    }

    /// <summary>Dates that are right one by one may leave no day together.</summary>
    private static void CheckDays(Agreement agreement, MapReader entry, ProblemLog log)
    {
        if (agreement.Days is not null)
        {
            return;
        }

        var first = agreement.SignedOn > agreement.InForce.From ? agreement.SignedOn : agreement.InForce.From;
        var (key, why) = agreement.TerminatedOn is { } terminated && terminated <= first
            ? ("terminated on", $"it is terminated on {terminated.Iso()} and begins on {first.Iso()} at the earliest")
            : ("document", $"it is signed only on {first.Iso()}, after its last day");
        log.Error(entry.KeyNode(key), ProblemCodes.Date, $"{entry.What} is never in force: {why}", "correct the date, or remove the paper");
    }

    private static DateOnly? ReadDocument(MapReader entry, string id, Vocabulary words)
    {
        if (MapReader.Of(entry.Any("document"), $"\"document\" of agreement {id}", words.Log) is not { } document)
        {
            return null;
        }

        document.Text("path");
        if (document.Text("sha256") is { } hash && (hash.Text.Length != 64 || !hash.Text.All(char.IsAsciiHexDigit)))
        {
            words.Log.Warning(
                hash, ProblemCodes.UnverifiedPaper, $"the hash of agreement {id} is not 64 hexadecimal digits, so nobody can check the paper against it",
                "run sha256sum on the signed document");
        }

        var signed = document.Date("signed on");
        document.Close();
        return signed;
    }

    private static List<DeploymentCondition> ReadOnlyIf(MapReader entry, string id, Vocabulary words)
    {
        if (entry.Any("only if", required: false) is not { } node)
        {
            return [];
        }

        if (node is not MapNode map)
        {
            words.Log.Error(node, ProblemCodes.Shape, $"\"only if\" of agreement {id} must be a map of conditions");
            return [];
        }

        if (map.Entries.Count == 0)
        {
            words.Log.Error(node, ProblemCodes.Shape, $"\"only if\" of agreement {id} is empty, so the paper would hold without any condition", "leave the key out");
        }

        ConditionReader reader = new(words, $"\"only if\" of agreement {id}", Effect.Permit, Place.OnlyIf);
        return [.. map.Entries.Select(reader.Read).OfType<DeploymentCondition>()];
    }

    private static Transfer? ReadTransfer(PolicyNode node, string id, Vocabulary words)
    {
        if (MapReader.Of(node, $"transfer of agreement {id}", words.Log) is not { } entry)
        {
            return null;
        }

        var from = entry.OneOf("from", words.Zones ?? []);
        var to = entry.OneOf("to", words.Zones ?? []);
        entry.Close();
        return from is null || to is null ? null : new(from.Text, to.Text);
    }
}
