using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator;

/// <summary>What one simulated provider is: its name, the wire it speaks and the only model it offers.</summary>
/// <param name="Model">
/// The model's name; on Azure also the name of the deployment in the path, on Bedrock the model id (which decides between Bedrock's two
/// APIs, see <see cref="ProviderWire.Bedrock"/>), on Vertex the model in the path.
/// </param>
public sealed record ProviderProfile(string Name, ProviderWire Wire, string Model)
{
    /// <summary>
    /// The key callers must send, on Bedrock and Vertex as a bearer token; null accepts everybody, as a local server does. Default:
    /// <c>simulated-key-for-NAME</c>.
    /// </summary>
    public string? Credential { get; init; } = $"simulated-key-for-{Name}";

    /// <summary>Loopback port; 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Same seed, same prompt: same answer, cut into the same pieces.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Told as <c>x-ms-region</c> (Azure), <c>x-amzn-bedrock-inference-region</c> (Bedrock) and <c>usage.inference_geo</c> (Anthropic's
    /// models). Vertex has the location in the path, and every location is right.
    /// </summary>
    public string Region { get; init; } = "us";

    /// <summary>How it behaves from the start; healthy unless said otherwise.</summary>
    public Fault Behaviour { get; init; } = Fault.None;
}
