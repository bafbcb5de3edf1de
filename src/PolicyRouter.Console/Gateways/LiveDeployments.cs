using System.Text.Json;

namespace PolicyRouter.WebConsole.Gateways;

/// <summary>What one gateway knows of its deployments now.</summary>
internal sealed record LiveDeployments(string Node, string PolicyVersion, IReadOnlyList<LiveDeployment> Deployments)
{
    /// <exception cref="FormatException">The bytes are something else.</exception>
    public static LiveDeployments Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new LiveDeployments(
                Text(root, "node"), Text(root, "policyVersion"), [.. root.GetProperty("deployments").EnumerateArray().Select(LiveDeployment.Read)]);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("This is no list of deployments.");
        }
    }

    internal static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}

/// <summary>One deployment as a gateway sees it.</summary>
/// <param name="Health">Every fact about its health that the gateway gives, by name; empty when it was never tried.</param>
internal sealed record LiveDeployment(
    string Id, string Provider, string Model, string Status, bool IsSuspended, bool HasEndpoint, IReadOnlyList<string> FailureDomains,
    IReadOnlyList<(string Name, string Value)> Health)
{
    /// <summary>Its moving averages, by which drift is noticed; empty before the first sample.</summary>
    public IReadOnlyList<LiveAverage> Averages { get; init; } = [];

    /// <summary>Its breaker: <c>closed</c>, <c>half-open</c>, <c>open</c>; null when it was never tried.</summary>
    public string? Breaker => Health.FirstOrDefault(static fact => fact.Name == "breaker").Value;

    internal static LiveDeployment Read(JsonElement json) => new(
        LiveDeployments.Text(json, "id"),
        LiveDeployments.Text(json, "provider"),
        LiveDeployments.Text(json, "model"),
        LiveDeployments.Text(json, "status"),
        json.GetProperty("isSuspended").GetBoolean(),
        json.GetProperty("hasEndpoint").GetBoolean(),
        [.. json.GetProperty("failureDomains").EnumerateArray().Select(static domain => domain.ToString())],
        json.TryGetProperty("health", out var health) && health.ValueKind is JsonValueKind.Object
            ? [.. health.EnumerateObject().Where(static fact => fact.Name != "averages").Select(static fact => (fact.Name, Fact(fact.Value)))]
            : [])
    {
        Averages = health.ValueKind is JsonValueKind.Object && health.TryGetProperty("averages", out var averages)
            ? [.. averages.EnumerateObject().Select(LiveAverage.Read)]
            : [],
    };

    /// <summary>A value for people; of an object its members.</summary>
    private static string Fact(JsonElement value) => value.ValueKind is JsonValueKind.Object
        ? string.Join("; ", value.EnumerateObject().Select(static member => $"{member.Name} {member.Value}"))
        : value.ToString();
}
