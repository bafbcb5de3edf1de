using System.Globalization;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>endpoints.yaml</c>: how each deployment is reached. Destinations come from here and nowhere else.</summary>
internal static class EndpointsReader
{
    private static readonly Dictionary<string, Wire> Wires = new(StringComparer.Ordinal)
    {
        ["openai"] = Wire.OpenAi,
        ["azure-openai"] = Wire.AzureOpenAi,
        ["anthropic"] = Wire.Anthropic,
        ["bedrock"] = Wire.Bedrock,
        ["vertex-anthropic"] = Wire.VertexAnthropic,
        ["vertex-gemini"] = Wire.VertexGemini,
    };

    public static IEnumerable<string> WireNames => Wires.Keys;

    public static PolicyModel Read(PolicyNode? root, PolicyModel model, Vocabulary words)
    {
        if (MapReader.Of(root, "endpoints.yaml", words.Log) is not { } file)
        {
            return model;
        }

        file.OneOf("format", ["policyrouter/endpoints/v1"]);
        List<Endpoint> endpoints = [];
        string? currency = null;
        if (MapReader.Of(file.Any("endpoints"), "\"endpoints\"", words.Log) is { Node: MapNode map })
        {
            foreach (var entry in map.Entries)
            {
                using var effectOfErrors = words.Log.IfShipped($"{entry.Key.Text} could not be reached, so nothing would be sent to it");
                words.Check(entry.Key, words.Deployments, "deployment", "endpoints.yaml");
                if (ReadOne(entry, model, words, ref currency) is { } endpoint)
                {
                    endpoints.Add(endpoint);
                }
            }
        }

        file.Close();
        return model with { Endpoints = endpoints };
    }

    private static Endpoint? ReadOne(MapEntry entry, PolicyModel policy, Vocabulary words, ref string? currency)
    {
        if (MapReader.Of(entry.Value, $"endpoint {entry.Key.Text}", words.Log) is not { } file)
        {
            return null;
        }

        var address = file.Text("url");
        var url = address is null ? null : Addresses.Read(address, file.What, words);
        var wire = file.OneOf("wire", Wires.Keys);
        var model = file.Text("upstream model");
        var version = file.Text("api version", required: false);
        var geography = file.Text("inference geo", required: false);
        var answersAs = file.Words("answers as", required: false);
        var credential = file.Text("credential", required: false);
        var failsWith = file.Words("fails with");
        var price = ReadPrice(file, words, ref currency);
        var context = file.Number("context window", 1, 100_000_000, required: false);
        var atOnce = file.Number("concurrent requests", 1, 100_000, required: false);
        var timeouts = ReadTimeouts(file, words);
        file.Close();
        EndpointChecks checks = new(file.What, policy.Deployments.FirstOrDefault(d => d.Id == entry.Key.Text), words);
        Wire? kind = wire is null ? null : Wires[wire.Text];
        if (credential is not null)
        {
            checks.Credential(credential, kind);
        }

        if (version is not null)
        {
            checks.ApiVersion(version, kind);
        }

        if (geography is not null)
        {
            checks.InferenceGeography(geography, kind);
        }

        if (address is null || url is null || kind is null || model is null)
        {
            return null;
        }

        checks.Address(address, url, kind.Value);
        checks.Place(url, kind.Value, model, address);
        return new()
        {
            DeploymentId = entry.Key.Text,
            Url = url,
            Wire = kind.Value,
            UpstreamModel = model.Text,
            ApiVersion = version?.Text,
            InferenceGeo = geography?.Text,
            AnswersAs = [.. answersAs.Select(static w => w.Text)],
            Credential = credential?.Text,
            FailsWith = [.. failsWith.Select(static w => w.Text)],
            Price = price,
            ContextWindow = context,
            ConcurrentRequests = atOnce,
            Timeouts = timeouts,
        };
    }

    private static TokenPrice? ReadPrice(MapReader file, Vocabulary words, ref string? currency)
    {
        if (MapReader.Of(file.Any("price per million tokens", required: false), $"the price of {file.What}", words.Log) is not { } price)
        {
            return null;
        }

        var input = Amount(price, "input", words.Log);
        var output = Amount(price, "output", words.Log);
        var unit = price.Text("currency");
        price.Close();
        if (unit is not null && (unit.Text.Length != 3 || !unit.Text.All(char.IsAsciiLetterUpper)))
        {
            words.Log.Error(unit, ProblemCodes.Shape, $"the currency in {price.What} must be three capital letters", "USD");
            return null;
        }

        if (unit is not null && (currency ??= unit.Text) != unit.Text)
        {
            words.Log.Error(unit, ProblemCodes.Contradiction, $"{price.What} is in {unit.Text}, others are in {currency}: they cannot be compared");
        }

        return input is { } i && output is { } o && unit is not null ? new(i, o, unit.Text) : null;
    }

    private static decimal? Amount(MapReader price, string key, ProblemLog log)
    {
        if (price.Text(key) is not { } text)
        {
            return null;
        }

        if (decimal.TryParse(text.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount <= 1_000_000)
        {
            return amount;
        }

        log.Error(text, ProblemCodes.Shape, $"\"{key}\" in {price.What} must be an amount such as 2.50");
        return null;
    }

    private static EndpointTimeouts ReadTimeouts(MapReader file, Vocabulary words)
    {
        var defaults = EndpointTimeouts.Default;
        if (MapReader.Of(file.Any("timeouts", required: false), $"\"timeouts\" of {file.What}", words.Log) is not { } entry)
        {
            return defaults;
        }

        EndpointTimeouts timeouts = new(
            Duration(entry, "connect", words.Log) ?? defaults.Connect,
            Duration(entry, "first token", words.Log) ?? defaults.FirstToken,
            Duration(entry, "between tokens", words.Log) ?? defaults.BetweenTokens,
            Duration(entry, "total", words.Log) ?? defaults.Total);
        entry.Close();
        return timeouts;
    }

    private static TimeSpan? Duration(MapReader entry, string key, ProblemLog log)
    {
        if (entry.Text(key, required: false) is not { } text)
        {
            return null;
        }

        var digits = text.Text.TakeWhile(char.IsAsciiDigit).Count();
        long? milliseconds = text.Text[digits..] switch { "ms" => 1, "s" => 1_000, "m" => 60_000, "h" => 3_600_000, _ => null };
        if (milliseconds is { } unit && digits is > 0 and <= 6 && long.Parse(text.Text.AsSpan(0, digits), CultureInfo.InvariantCulture) * unit is > 0 and <= 86_400_000 and var total)
        {
            return TimeSpan.FromMilliseconds(total);
        }

        log.Error(text, ProblemCodes.Shape, $"\"{key}\" in {entry.What} must be a duration up to one day", "500ms, 2s, 5m or 1h");
        return null;
    }
}
