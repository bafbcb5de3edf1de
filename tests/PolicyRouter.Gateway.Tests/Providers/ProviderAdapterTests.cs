using System.Text;
using System.Text.Json;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Providers.Adapters;
using PolicyRouter.Gateway.Tests.Wire;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Facts;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>Address, envelope and head of requests to each kind of provider.</summary>
public sealed class ProviderAdapterTests
{
    private const string Vertex = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4";
    private const string Body = """{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData("https://api.example", WireFormat.OpenAi, "https://api.example/v1/chat/completions")]
    [InlineData("https://api.example/", WireFormat.OpenAi, "https://api.example/v1/chat/completions")]
    [InlineData("https://api.example/v1", WireFormat.OpenAi, "https://api.example/v1/chat/completions")]
    [InlineData("https://api.example/openai/v1/", WireFormat.OpenAi, "https://api.example/openai/v1/chat/completions")]
    [InlineData("https://api.example/v1beta", WireFormat.OpenAi, "https://api.example/v1beta/chat/completions")]
    [InlineData("https://vllm.example/models", WireFormat.OpenAi, "https://vllm.example/models/v1/chat/completions")]
    [InlineData("https://r.example", WireFormat.AzureOpenAi, "https://r.example/openai/v1/chat/completions")]
    [InlineData("https://r.example/openai/v1", WireFormat.AzureOpenAi, "https://r.example/openai/v1/chat/completions")]
    [InlineData("https://a.example:8443", WireFormat.Anthropic, "https://a.example:8443/v1/messages")]
    [InlineData("https://b.example", WireFormat.Bedrock, "https://b.example/openai/v1/chat/completions")]
    [InlineData(Vertex, WireFormat.VertexAnthropic, Vertex + "/publishers/anthropic/models/m:rawPredict")]
    [InlineData(Vertex + "/", WireFormat.VertexGemini, Vertex + "/publishers/google/models/m:generateContent")]
    public void TheAddress_FollowsFromTheWire(string url, WireFormat wire, string expected) =>
        Assert.Equal(expected, AddressOf(Endpoints.At(new Uri(url), wire), CallerApi.ChatCompletions, isStreaming: false));

    [Fact]
    public void AzureWithADatedVersion_NamesTheDeploymentInThePath()
    {
        var endpoint = Endpoints.At(new Uri("https://r.example"), WireFormat.AzureOpenAi) with { ApiVersion = "2024-10-21", UpstreamModel = "prod chat" };

        Assert.Equal("https://r.example/openai/deployments/prod%20chat/chat/completions?api-version=2024-10-21", AddressOf(endpoint, CallerApi.ChatCompletions, isStreaming: true));
        Assert.Equal("https://r.example/openai/deployments/prod%20chat/embeddings?api-version=2024-10-21", AddressOf(endpoint, CallerApi.Embeddings, isStreaming: false));
    }

    [Theory]
    [InlineData("us.anthropic.claude-sonnet-4-5-20250929-v1:0", false, "https://b.example/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke")]
    [InlineData("anthropic.claude-haiku-4-5", true, "https://b.example/model/anthropic.claude-haiku-4-5/invoke-with-response-stream")]
    [InlineData("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.c", false, "https://b.example/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.anthropic.c/invoke")]
    [InlineData("openai.gpt-oss-120b-1:0", true, "https://b.example/openai/v1/chat/completions")]
    public void Bedrock_InvokesAnthropicsModels_AndChatsWithTheOthers(string model, bool isStreaming, string expected) =>
        Assert.Equal(expected, AddressOf(Endpoints.At(new Uri("https://b.example"), WireFormat.Bedrock) with { UpstreamModel = model }, CallerApi.Messages, isStreaming));

    [Fact]
    public void Vertex_HasItsOwnAddressesForStreamsAndCounts()
    {
        var anthropic = Endpoints.At(new Uri(Vertex), WireFormat.VertexAnthropic);

        Assert.Equal(Vertex + "/publishers/anthropic/models/m:streamRawPredict", AddressOf(anthropic, CallerApi.Messages, isStreaming: true));
        Assert.Equal(Vertex + "/publishers/anthropic/models/count-tokens:rawPredict", AddressOf(anthropic, CallerApi.CountTokens, isStreaming: false));
        Assert.Equal(
            Vertex + "/publishers/google/models/m:streamGenerateContent?alt=sse",
            AddressOf(Endpoints.At(new Uri(Vertex), WireFormat.VertexGemini), CallerApi.ChatCompletions, isStreaming: true));
    }

    [Theory]
    [InlineData(WireFormat.Bedrock, """{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData(WireFormat.VertexAnthropic, """{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData(WireFormat.Anthropic, Body)]
    public async Task TheEnvelope_TakesOutWhatStandsElsewhere(WireFormat wire, string expected)
    {
        var endpoint = Endpoints.At(new Uri(Vertex), wire) with { UpstreamModel = "anthropic.m" };
        using var request = ProviderRequests.Build(endpoint, ProviderApi.Messages, new ProviderCredential(true, "k"), Encoding.UTF8.GetBytes(Body), [], isStreaming: true);

        Assert.Equal(expected, await request.Content!.ReadAsStringAsync());
    }

    [Fact]
    public async Task TheEndpointsGeography_IsAskedFor()
    {
        var endpoint = Endpoints.At(new Uri("https://a.example"), WireFormat.Anthropic) with { InferenceGeo = "us" };
        using var request = ProviderRequests.Build(endpoint, ProviderApi.Messages, default, Encoding.UTF8.GetBytes(Body), [], isStreaming: true);

        using var sent = JsonDocument.Parse(await request.Content!.ReadAsStringAsync());
        Assert.Equal("us", sent.RootElement.GetProperty("inference_geo").GetString());
    }

    [Theory]
    [InlineData(WireFormat.Anthropic, ProviderApi.Messages, "context-1m-2025-08-07,pdfs-2024-09-25", null)]
    [InlineData(WireFormat.Anthropic, ProviderApi.CountTokens, "context-1m-2025-08-07,pdfs-2024-09-25", null)]
    [InlineData(WireFormat.VertexAnthropic, ProviderApi.Messages, "context-1m-2025-08-07", null)]
    [InlineData(WireFormat.Bedrock, ProviderApi.Messages, null, "[\"context-1m-2025-08-07\"]")]
    [InlineData(WireFormat.Bedrock, ProviderApi.ChatCompletions, null, null)]
    [InlineData(WireFormat.OpenAi, ProviderApi.ChatCompletions, null, null)]
    public async Task BetaFeatures_AreNamedAsTheProviderWantsThem(WireFormat wire, object api, string? header, string? member)
    {
        var endpoint = Endpoints.At(new Uri(Vertex), wire) with { UpstreamModel = "anthropic.m" };
        using var request = ProviderRequests.Build(
            endpoint, (ProviderApi)api, default, Encoding.UTF8.GetBytes(Body), ["context-1m-2025-08-07", "pdfs-2024-09-25"], isStreaming: false);

        Assert.Equal(header, request.Headers.TryGetValues("anthropic-beta", out var values) ? values.Single() : null);
        using var sent = JsonDocument.Parse(await request.Content!.ReadAsStringAsync());
        Assert.Equal(member, sent.RootElement.TryGetProperty("anthropic_beta", out var betas) ? betas.GetRawText() : null);
    }

    [Theory]
    [InlineData(WireFormat.Bedrock, "anthropic_beta")]
    [InlineData(WireFormat.Bedrock, "anthropic_version")]
    [InlineData(WireFormat.VertexAnthropic, "anthropic_version")]
    public void MembersOfTheProvidersOwnEnvelope_AreNotTheCallersToWrite(WireFormat wire, string name)
    {
        var document = Prompts.Read($$"""{"model":"m","max_tokens":1,"{{name}}":["x"],"messages":[{"role":"user","content":"x"}]}""", CallerApi.Messages);

        Assert.False(WireCompatibility.CanCarry(document, Endpoints.At(new Uri(Vertex), wire) with { UpstreamModel = "anthropic.m" }, out var missing));
        Assert.Equal(name, missing);
    }

    [Theory]
    [InlineData("\"global\"", null, false)]
    [InlineData("\"global\"", "us", false)]
    [InlineData("\"us\"", "us", true)]
    [InlineData("[\"us\"]", "us", false)]
    [InlineData("null", "us", true)]
    public void ACallerWhoAsksForAnotherGeography_IsNotSentThere(string asked, string? endpointsOwn, bool expected)
    {
        var document = Prompts.Read($$"""{"model":"m","max_tokens":1,"inference_geo" : {{asked}} ,"messages":[{"role":"user","content":"x"}]}""", CallerApi.Messages);
        var endpoint = Endpoints.At(new Uri("https://a.example"), WireFormat.Anthropic) with { InferenceGeo = endpointsOwn };

        Assert.Equal(expected, WireCompatibility.CanCarry(document, endpoint, out var missing));
        Assert.Equal(expected ? null : "inference_geo", missing);
    }

    [Theory]
    [InlineData(WireFormat.OpenAi, false, "authorization", "Bearer k")]
    [InlineData(WireFormat.AzureOpenAi, false, "api-key", "k")]
    [InlineData(WireFormat.AzureOpenAi, true, "authorization", "Bearer k")]
    [InlineData(WireFormat.Anthropic, false, "x-api-key", "k")]
    [InlineData(WireFormat.Bedrock, false, "authorization", "Bearer k")]
    [InlineData(WireFormat.VertexGemini, true, "authorization", "Bearer k")]
    public void TheCredential_GoesIntoTheHeaderOfTheWire_AndIntoNoOther(WireFormat wire, bool isToken, string header, string expected)
    {
        var endpoint = Endpoints.At(new Uri(Vertex), wire);
        var api = ProviderAdapter.For(wire).Apis(endpoint)[0];
        using var request = ProviderRequests.Build(endpoint, api, new ProviderCredential(true, "k", isToken), Encoding.UTF8.GetBytes(Body), [], isStreaming: false);

        Assert.Equal([expected], request.Headers.GetValues(header));
        Assert.Single(request.Headers, static one => one.Value.Any(static value => value.EndsWith('k')));
    }

    [Fact]
    public void ASecretWithALineBreak_BuildsNoRequest() => Assert.Throws<FormatException>(static () => ProviderRequests.Build(
        Endpoints.At(new Uri("https://a.example"), WireFormat.Anthropic), ProviderApi.Messages, new ProviderCredential(true, "a\r\nx-admin: 1"), default, [], isStreaming: false));

    [Theory]
    [InlineData(WireFormat.Bedrock)]
    [InlineData(WireFormat.VertexGemini)]
    [InlineData(WireFormat.Anthropic)]
    public void WhatAWireDoesNotOffer_MakesTheDeploymentUnsuitable(WireFormat wire)
    {
        var document = Prompts.Read("""{"model":"m","input":"x"}""", CallerApi.Embeddings);

        Assert.False(WireCompatibility.CanCarry(document, Endpoints.At(new Uri(Vertex), wire), out var missing));
        Assert.Equal("embeddings", missing);
    }

    private static string AddressOf(Endpoint endpoint, CallerApi api, bool isStreaming)
    {
        Assert.NotNull(WireCompatibility.RouteOf(api, endpoint, out var carrier));
        using var request = ProviderRequests.Build(endpoint, carrier, default, Encoding.UTF8.GetBytes(Body), [], isStreaming);
        return request.RequestUri!.AbsoluteUri;
    }
}
