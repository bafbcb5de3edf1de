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
                if (ReadOne(entry, words, ref currency) is { } endpoint)
                {
                    endpoints.Add(endpoint);
                }
            }
        }

        file.Close();
        return model with { Endpoints = endpoints };
    }

    private static Endpoint? ReadOne(MapEntry entry, Vocabulary words, ref string? currency)
    {
        if (MapReader.Of(entry.Value, $"endpoint {entry.Key.Text}", words.Log) is not { } file)
        {
            return null;
        }

        var url = file.Text("url") is { } address ? Addresses.Read(address, file.What, words) : null;
        var wire = file.OneOf("wire", Wires.Keys);
        var model = file.Text("upstream model");
        var credential = file.Text("credential", required: false);
        if (credential is not null)
        {
            CheckCredential(credential, file.What, words.Log);
        }

        var failsWith = file.Words("fails with");
        var price = ReadPrice(file, words, ref currency);
        var context = file.Number("context window", 1, 100_000_000, required: false);
        var timeouts = ReadTimeouts(file, words);
        file.Close();
        return url is null || wire is null || model is null ? null : new()
        {
            DeploymentId = entry.Key.Text,
            Url = url,
            Wire = Wires[wire.Text],
            UpstreamModel = model.Text,
            Credential = credential?.Text,
            FailsWith = [.. failsWith.Select(static w => w.Text)],
            Price = price,
            ContextWindow = context,
            Timeouts = timeouts,
        };
    }

    /// <summary>References only. The text is not repeated in the message: it may be the secret itself.</summary>
    private static void CheckCredential(ScalarNode credential, string what, ProblemLog log)
    {
        var colon = credential.Text.IndexOf(':', StringComparison.Ordinal);
        var name = credential.Text[(colon + 1)..];
        var isReference = colon > 0 && name.Length > 0 && credential.Text[..colon] switch
        {
            "vault" => name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'),
            "env" => name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'),
            "file" => !name.Any(char.IsControl),
            _ => false,
        };
        if (!isReference)
        {
            // The source line would show the value, so it is left out.
            log.AboutLine(
                credential, ProblemCodes.Credential, $"the credential of {what} must be a reference, never the secret itself",
                "vault:NAME, env:NAME or file:PATH");
        }
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
