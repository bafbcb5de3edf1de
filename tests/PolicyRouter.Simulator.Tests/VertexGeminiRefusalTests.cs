using System.Net;

namespace PolicyRouter.Simulator.Tests;

public sealed class VertexGeminiRefusalTests : FleetTests
{
    private const string User = """{"role":"user","parts":[{"text":"x"}]}""";
    private const string SignedCall = """{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2lnbmVk"}]}""";
    private const string BareCall = """{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]}""";
    private const string Response = """{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"result":1}}}]}""";
    private const string TwoResponses = """
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}},{"functionResponse":{"name":"f","response":{}}}]}
        """;

    private const string Pairing = "number of function response parts must equal number of function call parts";
    private const string UnknownName = "Invalid JSON payload received. Unknown name";

    protected override IReadOnlyList<ProviderProfile> Profiles =>
        [FleetOf.VertexGemini, FleetOf.VertexGemini with { Name = "older", Model = "gemini-2.5-flash" }];

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("{}", "contents")]
    [InlineData("""{"contents":[]}""", "contents")]
    [InlineData("""{"contents":{}}""", "contents")]
    [InlineData("""{"contents":["x"]}""", "valid role")]
    [InlineData("""{"contents":[{"role":"assistant","parts":[{"text":"x"}]}]}""", "valid role")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}]}""", "valid role")]
    [InlineData("""{"contents":[{"role":"model","parts":[{"text":"x"}]}]}""", "begin with a user turn")]
    [InlineData("""{"contents":[{"role":"user"}]}""", "parts")]
    [InlineData("""{"contents":[{"role":"user","parts":[]}]}""", "parts")]
    [InlineData("""{"contents":[{"role":"user","content":"x"}]}""", UnknownName)]
    [InlineData("""{"contents":[{"role":"user","parts":["x"]}]}""", "Invalid value")]
    [InlineData("""{"contents":[{"role":"user","parts":[{}]}]}""", "one initialized field")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":"x","inlineData":{"mimeType":"image/png","data":""}}]}]}""", "one initialized field")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":""}]}]}""", "empty text")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":7}]}]}""", "Invalid value")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"type":"text","text":"x"}]}]}""", UnknownName)]
    [InlineData("""{"contents":[{"role":"user","parts":[{"inlineData":{"data":"eA=="}}]}]}""", "Invalid value")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"not base64"}}]}]}""", "Invalid value")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":"text"}}]}]}""", "Invalid value")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"functionCall":{"name":"f"}}]}]}""", "come from the model")]
    public Task WrongContents_AreRefused(string body, string reason) => RefusedAsync(body, reason);

    [Theory]
    [InlineData("\"model\":\"m\"", UnknownName)]
    [InlineData("\"stream\":true", UnknownName)]
    [InlineData("\"generationConfig\":{\"max_tokens\":1}", UnknownName)]
    [InlineData("\"generationConfig\":7", UnknownName)]
    [InlineData("\"generationConfig\":{\"temperature\":3}", "temperature")]
    [InlineData("\"generationConfig\":{\"maxOutputTokens\":0}", "max_output_tokens")]
    [InlineData("\"generationConfig\":{\"candidateCount\":9}", "candidate_count")]
    [InlineData("\"systemInstruction\":\"x\"", "system_instruction")]
    [InlineData("\"systemInstruction\":{\"parts\":[]}", "system_instruction")]
    [InlineData("\"systemInstruction\":{\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"eA==\"}}]}", "system_instruction")]
    [InlineData("\"tools\":{}", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", UnknownName)]
    [InlineData("\"tools\":[{}]", "tool_type")]
    [InlineData("\"tools\":[{\"functionDeclarations\":[{\"description\":\"d\"}]}]", "name")]
    [InlineData("\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"strict\":true}]}]", UnknownName)]
    [InlineData("\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":{},\"parametersJsonSchema\":{}}]}]", "mutually exclusive")]
    [InlineData("\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\"}}", "without function_declarations")]
    public Task WrongOptions_AreRefused(string member, string reason) => RefusedAsync($$"""{"contents":[{{User}}],{{member}}}""", reason);

    [Theory]
    [InlineData("{\"mode\":\"any\"}", "mode")]
    [InlineData("{\"mode\":\"AUTO\",\"allowedFunctionNames\":[\"f\"]}", "mode is ANY")]
    [InlineData("{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"g\"]}", "subset")]
    [InlineData("{\"mode\":\"ANY\",\"names\":[]}", UnknownName)]
    public Task AWrongCallingConfig_IsRefused(string config, string reason) => RefusedAsync(
        $$"""{"contents":[{{User}}],"tools":[{"functionDeclarations":[{"name":"f"}]}],"toolConfig":{"functionCallingConfig": {{config}} } }""", reason);

    [Theory]
    [InlineData(SignedCall, "")]
    [InlineData(SignedCall, User)]
    [InlineData(SignedCall, TwoResponses)]
    [InlineData(Response, "")]
    public Task CallsWithoutAsManyResponses_AreRefused(string second, string third) =>
        RefusedAsync($$"""{"contents":[{{User}},{{second}}{{(third.Length > 0 ? "," : "")}}{{third}}]}""", Pairing);

    [Fact]
    public async Task ACallWithoutItsSignature_IsRefusedByGemini3_AndFineForItsElders()
    {
        var body = $$"""{"contents":[{{User}},{{BareCall}},{{Response}}]}""";
        await RefusedAsync(body, "thought_signature");
        using var signed = await Client.SendAsync(Talk.Request(Provider, body.Replace(BareCall, SignedCall, StringComparison.Ordinal)));
        using var older = await Client.SendAsync(Talk.Request(Fleet["older"], body));

        Assert.Equal(HttpStatusCode.OK, signed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, older.StatusCode);
    }

    [Fact]
    public async Task EverythingAllowed_IsAccepted()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, """
            {
              "contents": [
                {"role":"user","parts":[{"text":"x"},{"inlineData":{"mimeType":"image/png","data":"eA=="}}]},
                {"role":"model","parts":[{"text":"y"},{"functionCall":{"name":"f"},"thoughtSignature":"c2ln"},{"functionCall":{"name":"g","args":{"a":1}}}]},
                {"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}},{"functionResponse":{"name":"g","response":{"a":["b",true,null]}}}]}
              ],
              "systemInstruction": {"role":"user","parts":[{"text":"s"}]},
              "tools": [{"functionDeclarations":[{"name":"f"},{"name":"g","parameters":{"type":"object"}}]}],
              "toolConfig": {"functionCallingConfig":{"mode":"AUTO"}},
              "generationConfig": {
                "temperature":1,"topP":0.9,"topK":40,"candidateCount":1,"maxOutputTokens":100,"stopSequences":["."],"responseMimeType":"application/json",
                "responseSchema":{},"responseJsonSchema":{},"seed":7,"presencePenalty":0.1,"frequencyPenalty":0.1,"responseLogprobs":false,"logprobs":1,
                "thinkingConfig":{"thinkingLevel":"low"}
              },
              "safetySettings": [],
              "labels": {"team":"a"}
            }
            """));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("b true", Talk.TextOf(await Talk.JsonAsync(response)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gemini-3-pro-preview:streamGenerateContent", 400, "INVALID_ARGUMENT")]
    [InlineData("gemini-3-pro-preview:streamGenerateContent?alt=json", 400, "INVALID_ARGUMENT")]
    [InlineData("gemini-3-pro-preview:rawPredict", 404, "NOT_FOUND")]
    [InlineData("gemini-3-pro-preview", 404, "NOT_FOUND")]
    [InlineData("gemini-2.5-pro:generateContent", 404, "NOT_FOUND")]
    public async Task AWrongPath_IsRefused(string modelAndMethod, int status, string name)
    {
        var path = Talk.VertexPath("google", modelAndMethod);
        using var response = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), path));

        await GoogleRefusal.MessageAsync(response, status, name);
    }

    [Fact]
    public async Task OnlyTheBearerToken_GivesAccess()
    {
        using var wrong = await Client.SendAsync(Talk.Request(Provider, Talk.Body(Provider, "x"), credential: "wrong"));
        var request = Talk.Request(Provider, Talk.Body(Provider, "x"));
        request.Headers.Remove("Authorization");
        request.Headers.Add("x-goog-api-key", Provider.Credential);
        using var missing = await Client.SendAsync(request);

        await GoogleRefusal.MessageAsync(wrong, 401, "UNAUTHENTICATED");
        await GoogleRefusal.MessageAsync(missing, 401, "UNAUTHENTICATED");
    }

    private async Task RefusedAsync(string body, string reason)
    {
        foreach (var stream in new[] { false, true })
        {
            using var response = await Client.SendAsync(Talk.Request(Provider, body, Talk.PathOf(Provider, stream)));

            Assert.Contains(reason, await GoogleRefusal.MessageAsync(response, 400, "INVALID_ARGUMENT"), StringComparison.Ordinal);
        }
    }
}
