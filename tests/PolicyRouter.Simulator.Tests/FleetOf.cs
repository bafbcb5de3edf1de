namespace PolicyRouter.Simulator.Tests;

/// <summary>One provider of each wire, under names the tests use.</summary>
internal static class FleetOf
{
    public static readonly ProviderProfile OpenAi = new("openai-direct", ProviderWire.OpenAi, "gpt-4o-2024-11-20");
    public static readonly ProviderProfile Azure = new("azure-eastus", ProviderWire.AzureOpenAi, "gpt-4o-east") { Region = "East US" };
    public static readonly ProviderProfile Anthropic = new("claude-direct", ProviderWire.Anthropic, "claude-sonnet-4-5");

    public static Task<SimulatedFleet> AllWiresAsync(TimeProvider? time = null) => SimulatedFleet.StartAsync([OpenAi, Azure, Anthropic], time);

    public static SimulatedProvider Of(this SimulatedFleet fleet, ProviderWire wire) => fleet.Providers.Single(provider => provider.Wire == wire);
}
