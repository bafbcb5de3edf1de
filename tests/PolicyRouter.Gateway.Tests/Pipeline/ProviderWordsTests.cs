using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Tests.Wire;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Pipeline;

public sealed class ProviderWordsTests
{
    private const string Prompt = "Patient: Maria Martinez, SSN 536-22-1847, born in 1968. Compare claude-sonnet with the gpt model for hospitals in 2024.";

    private static readonly ScannedPrompt Scanned = ScannedPrompt.Scan(
        Prompts.Read($$"""{"model":"m","messages":[{"role":"user","content":"{{Prompt}}"}]}""", CallerApi.ChatCompletions), RedactionSetup.Of(ShippedPolicies.Snapshot));

    [Theory]
    [InlineData("gpt-4o-mini-2024-07-18")]
    [InlineData("us.amazon.nova-premier-20251001-v1:0")]
    [InlineData("accounts/fireworks/models/llama-v3p1-405b-instruct")]
    [InlineData("publishers/google/models/gemini-2.5-pro")]
    public void NamesOfModels_AreKept(string model) => Assert.Equal(model, ProviderWords.Model(model, [], Scanned));

    [Theory]
    [InlineData("claude-sonnet-4-5")]
    [InlineData("claude-sonnet-4-5-20250929")]
    public void WhatTheRegistryNames_IsKept_AlsoWhenThePromptSpeaksOfIt(string model)
    {
        Assert.Equal(model, ProviderWords.Model(model, ["claude-sonnet-4-5"], Scanned));
        Assert.Null(ProviderWords.Model(model, ["gpt-4o"], Scanned));
    }

    [Theory]
    [InlineData("Maria.Martinez:SSN:536-22-1847/HIV-positive/")]
    [InlineData("Martinez")]
    [InlineData("xMARTINEZx")]
    [InlineData("gpt-4o-536221847")]
    [InlineData("gpt-4o/hospitals")]
    [InlineData("gpt-4o 1")]
    [InlineData("gpt-4o\n")]
    [InlineData("")]
    [InlineData(null)]
    public void WhatRepeatsThePrompt_OrIsNoName_IsNot(string? model)
    {
        Assert.Null(ProviderWords.Model(model, ["gpt-4o"], Scanned));
        Assert.Null(ProviderWords.Id(model, Scanned));
    }

    [Theory]
    [InlineData("us-east-1", "us-east-1")]
    [InlineData("East US 2", "East US 2")]
    [InlineData("northamerica-northeast1", "northamerica-northeast1")]
    [InlineData("", null)]
    [InlineData("us\r\nInjected", null)]
    [InlineData("us\n", null)]
    [InlineData("Patient: John Smith", null)]
    [InlineData("eu-Martinez", null)]
    [InlineData("in 536 22 1847", null)]
    [InlineData("a very long way from here", null)]
    [InlineData("é", null)]
    public void Place_IsKeptOnlyIfItLooksLikeOne_AndRepeatsNothing(string reported, string? kept) => Assert.Equal(kept, ProviderWords.Place(reported, Scanned));

    [Fact]
    public void Place_ThatIsTooLongForOne_IsNotKept() => Assert.Null(ProviderWords.Place(new string('a', 33), Scanned));
}
