using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>routes.yaml</c>: what apps may ask for by name.</summary>
internal static class RoutesReader
{
    /// <summary>Characters that the message of a hand-off may have.</summary>
    public const int LongestMessage = 2_000;

    public static IReadOnlyList<string> Orders { get; } = ["balanced", "cheapest", "fastest", "listed"];
    public static IReadOnlyList<string> WhenExhausted { get; } = ["hand off", "refuse"];

    public static PolicyModel Read(PolicyNode? root, PolicyModel model, Vocabulary words)
    {
        if (MapReader.Of(root, "routes.yaml", words.Log) is not { } file)
        {
            return model;
        }

        file.OneOf("format", ["policyrouter/routes/v1"]);
        List<Route> routes = [];
        List<ScalarNode> names = [];
        foreach (var node in file.List("routes"))
        {
            if (MapReader.Of(node, "route", words.Log) is not { } entry)
            {
                continue;
            }

            using var effectOfErrors = words.Log.IfShipped(() => $"{entry.What} would not exist, so apps that ask for it would be refused");
            var name = entry.Text("model");
            entry.What = $"route {name?.Text}";
            var route = ReadOne(entry, name?.Text ?? "", words);
            entry.Close();
            if (name is null || !words.CheckName(name, "route"))
            {
                continue;
            }

            names.Add(name);
            if (words.Deployments?.Contains(name.Text) ?? false)
            {
                words.Log.Error(name, ProblemCodes.DuplicateId, $"route {name.Text} has the id of a deployment, so an app could mean either");
            }

            if (route is not null)
            {
                routes.Add(route);
            }
        }

        words.CheckUnique(names, "route");
        file.Close();
        return model with { Routes = [.. routes.DistinctBy(static route => route.Model, StringComparer.Ordinal)] };
    }

    private static Route? ReadOne(MapReader entry, string name, Vocabulary words)
    {
        IReadOnlyList<string>? candidates = null;
        if (entry.Any("candidates") is not (null or ScalarNode { Text: "any" }))
        {
            candidates = words.Check(entry.Words("candidates"), words.Deployments, "deployment", entry.What);
        }

        var order = entry.OneOf("order", Orders);
        if (order?.Text == "listed" && candidates is null && entry.Has("candidates"))
        {
            words.Log.Error(order, ProblemCodes.Contradiction, $"{entry.What} is ordered as listed, but lists no candidates", "cheapest, fastest or balanced");
        }

        var exhausted = entry.OneOf("when exhausted", WhenExhausted, required: false);
        var handOff = ReadHandOff(entry, exhausted?.Text == "hand off", words);
        return order is null ? null : new()
        {
            Model = name,
            Candidates = candidates,
            Order = Enum.Parse<RouteOrder>(order.Text, ignoreCase: true),
            HandOff = handOff,
        };
    }

    private static HandOff? ReadHandOff(MapReader entry, bool wanted, Vocabulary words)
    {
        if (MapReader.Of(entry.Any("hand off", required: wanted), $"\"hand off\" of {entry.What}", words.Log) is not { } handOff)
        {
            return null;
        }

        if (!wanted)
        {
            words.Log.Error(
                entry.KeyNode("hand off"), ProblemCodes.Contradiction, $"{entry.What} says how to hand off, but not that it does", "when exhausted: hand off");
        }

        var message = handOff.Text("message");
        var webhook = handOff.Text("webhook") is { } address ? Addresses.Read(address, handOff.What, words) : null;
        var credential = handOff.Text("credential", required: false);
        handOff.Close();
        if (message is { Text.Length: > LongestMessage })
        {
            words.Log.Error(message, ProblemCodes.Limit, $"the message of {handOff.What} has more than {LongestMessage} characters");
        }

        if (credential is not null && !CredentialReference.IsSecret(credential.Text))
        {
            CredentialReference.Refuse(credential, handOff.What, "vault:NAME, env:NAME or file:PATH", words.Log);
        }

        return message is null || webhook is null || !wanted ? null : new(message.Text, webhook, credential?.Text);
    }
}
