using System.Text.Json;
using System.Text.Json.Serialization;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator;

/// <summary>A fleet written down as JSON; <see cref="Description"/> says how.</summary>
public static class FleetFile
{
    /// <summary>The format, for help texts.</summary>
    public const string Description = """
        A fleet file is JSON:

          {
            "providers": [
              { "name": "azure-eastus", "wire": "azure-openai", "model": "gpt-4o", "region": "eastus" },
              { "name": "claude-direct", "wire": "anthropic", "model": "claude-sonnet-4-5", "port": 9102, "behaves": "529" },
              { "name": "local-llama", "wire": "openai", "model": "llama-3.3-70b", "credential": null }
            ]
          }

        name, wire (openai, azure-openai, anthropic, bedrock, vertex-anthropic, vertex-gemini) and model are required. port 0 or none
        takes a free one. A credential left out is simulated-key-for-NAME; null accepts everybody. seed (default 1) fixes the answers.
        behaves is one of:

        """ + FaultText.Forms;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>A wire as fleet files, and the gateway's endpoint files, write it.</summary>
    public static string NameOf(ProviderWire wire) => wire switch
    {
        ProviderWire.OpenAi => "openai",
        ProviderWire.AzureOpenAi => "azure-openai",
        ProviderWire.Anthropic => "anthropic",
        ProviderWire.Bedrock => "bedrock",
        ProviderWire.VertexAnthropic => "vertex-anthropic",
        ProviderWire.VertexGemini => "vertex-gemini",
        _ => throw new ArgumentOutOfRangeException(nameof(wire), wire, "No such wire."),
    };

    /// <exception cref="FormatException">The text is not a fleet; the message says where and why.</exception>
    public static IReadOnlyList<ProviderProfile> Parse(string json)
    {
        Fleet? fleet;
        try
        {
            fleet = JsonSerializer.Deserialize<Fleet>(json, Options);
        }
        catch (JsonException exception)
        {
            throw new FormatException(exception.Message, exception);
        }

        if (fleet is not { Providers: { Count: > 0 } entries })
        {
            throw new FormatException("The fleet has no providers.");
        }

        return [.. entries.Select(ToProfile)];
    }

    private static ProviderProfile ToProfile(Entry entry)
    {
        var wire = Array.Find(Enum.GetValues<ProviderWire>(), candidate => NameOf(candidate) == entry.Wire);
        if (NameOf(wire) != entry.Wire)
        {
            var names = string.Join(", ", Enum.GetValues<ProviderWire>().Select(NameOf));
            throw new FormatException($"{entry.Name}: wire `{entry.Wire}` is not one of {names}.");
        }

        if (entry.Port is < 0 or > 65_535)
        {
            throw new FormatException($"{entry.Name}: port {entry.Port} is not between 0 and 65535.");
        }

        var fault = Fault.None;
        if (entry.Behaves is { } text && !FaultText.TryParse(text, out fault))
        {
            throw new FormatException($"{entry.Name}: no behaviour is written `{text}`.");
        }

        ProviderProfile profile = new(entry.Name, wire, entry.Model)
        {
            Port = entry.Port,
            Seed = entry.Seed,
            Region = entry.Region,
            Behaviour = fault,
        };
        return entry.Credential.ValueKind switch
        {
            JsonValueKind.Undefined => profile,
            JsonValueKind.Null => profile with { Credential = null },
            JsonValueKind.String => profile with { Credential = entry.Credential.GetString() },
            _ => throw new FormatException($"{entry.Name}: credential must be text or null."),
        };
    }

    private sealed record Fleet(List<Entry> Providers);

    private sealed record Entry(
        string Name,
        string Wire,
        string Model,
        JsonElement Credential = default,
        int Port = 0,
        int Seed = 1,
        string Region = "us",
        string? Behaves = null);
}
