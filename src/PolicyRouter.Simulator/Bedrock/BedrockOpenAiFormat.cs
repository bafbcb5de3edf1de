using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.OpenAi;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Bedrock;

/// <summary>Bedrock's OpenAI-compatible API: chat completions and the model list under <c>/openai/v1</c>.</summary>
internal sealed class BedrockOpenAiFormat(ProviderProfile profile) : OpenAiFormat(profile)
{
    private static readonly WireError NotFound = new(404, InvalidRequest, "Unknown request URL.", "unknown_url");

    public override string RequestIdPrefix => "";

    public override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request)
    {
        var endpoint = request.Path.Value switch
        {
            "/openai/v1/chat/completions" => WireEndpoint.Chat,
            "/openai/v1/models" => WireEndpoint.Models,
            _ => WireEndpoint.None,
        };
        return endpoint is WireEndpoint.None ? (endpoint, NotFound) : (endpoint, CheckMethod(request, endpoint));
    }

    public override WireError? Authenticate(HttpRequest request) =>
        BedrockErrors.Authenticate(request, Profile.Credential) is { } error ? Denied(error.Message) : null;

    public override WireError ErrorFor(int status) => status is 403 ? Denied(BedrockErrors.WrongKey.Message) : base.ErrorFor(status);

    public override void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs) =>
        BedrockHeaders.Add(headers, requestId, Profile.Region);

    public override void AddAnswerHeaders(IHeaderDictionary headers, Prompt prompt, Answer answer) =>
        BedrockHeaders.AddCounts(headers, prompt, answer);

    public override void AddErrorHeaders(IHeaderDictionary headers, WireError error) =>
        BedrockHeaders.AddErrorType(headers, BedrockErrors.For(error.Status).Type);

    private static WireError Denied(string message) => new(403, InvalidRequest, message, "access_denied");
}
