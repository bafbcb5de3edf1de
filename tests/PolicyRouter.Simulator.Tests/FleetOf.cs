namespace PolicyRouter.Simulator.Tests;

/// <summary>Providers of each wire, under names the tests use.</summary>
internal static class FleetOf
{
    public static readonly ProviderProfile OpenAi = new("openai-direct", ProviderWire.OpenAi, "gpt-4o-2024-11-20");
    public static readonly ProviderProfile Azure = new("azure-eastus", ProviderWire.AzureOpenAi, "gpt-4o-east") { Region = "East US" };
    public static readonly ProviderProfile Anthropic = new("claude-direct", ProviderWire.Anthropic, "claude-sonnet-4-5");
    public static readonly ProviderProfile Bedrock =
        new("bedrock-claude", ProviderWire.Bedrock, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0") { Region = "eu-central-1" };

    public static readonly ProviderProfile BedrockOpenAi =
        new("bedrock-gpt-oss", ProviderWire.Bedrock, "openai.gpt-oss-120b-1:0") { Region = "us-west-2" };

    public static readonly ProviderProfile VertexAnthropic = new("vertex-claude", ProviderWire.VertexAnthropic, "claude-sonnet-4-5@20250929");
    public static readonly ProviderProfile VertexGemini = new("vertex-gemini", ProviderWire.VertexGemini, "gemini-3-pro-preview");

    public static Task<SimulatedFleet> AllWiresAsync(TimeProvider? time = null) => SimulatedFleet.StartAsync([OpenAi, Azure, Anthropic], time);

    public static SimulatedProvider Of(this SimulatedFleet fleet, ProviderWire wire) => fleet.Providers.Single(provider => provider.Wire == wire);
}
