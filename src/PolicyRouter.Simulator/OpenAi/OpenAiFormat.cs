using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.OpenAi;

/// <summary>The OpenAI API (OpenAPI document 2.3.0): chat completions, embeddings and the model list, under any base path.</summary>
internal class OpenAiFormat(ProviderProfile profile) : WireFormat(profile)
{
    protected const string InvalidRequest = "invalid_request_error";

    public override string RequestIdPrefix => "req_";

    public override string AnswerIdPrefix => "chatcmpl-";

    public override WireError InvalidJson { get; } = new(400, InvalidRequest, "We could not parse the JSON body of your request.");

    /// <summary>Azure adds content-filter results; everybody else has none.</summary>
    protected virtual bool HasContentFilter => false;

    public override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var endpoint = EndpointOf(path);
        return endpoint is WireEndpoint.None
            ? (endpoint, new WireError(404, InvalidRequest, "Unknown request URL. Please check the URL for typos.", "unknown_url"))
            : (endpoint, CheckMethod(request, endpoint));
    }

    public override WireError? Authenticate(HttpRequest request)
    {
        if (Profile.Credential is not { } credential)
        {
            return null;
        }

        var given = Credentials.Bearer(request);
        return given is null
            ? new WireError(401, InvalidRequest, "You didn't provide an API key. Send it in the Authorization header, as a bearer token.")
            : Credentials.Match(given, credential)
                ? null
                : new WireError(401, InvalidRequest, "Incorrect API key provided.", "invalid_api_key");
    }

    public override (Prompt? Prompt, WireError? Error) Read(HttpRequest request, JsonElement body)
    {
        if (CheckModel(body) is { } wrongModel)
        {
            return (null, wrongModel);
        }

        return OpenAiRequest.Check(body) is { } error ? (null, error) : (OpenAiRequest.Read(body), null);
    }

    public override WireError ErrorFor(int status) => status switch
    {
        401 => new WireError(status, InvalidRequest, "Incorrect API key provided.", "invalid_api_key"),
        403 => new WireError(status, InvalidRequest, "You are not allowed to use this project.", "unsupported_country_region_territory"),
        429 => new WireError(status, "requests", "Rate limit reached for requests.", "rate_limit_exceeded"),
        503 => new WireError(status, "server_error", "The engine is currently overloaded, please try again later.", "engine_overloaded"),
        < 500 => new WireError(status, InvalidRequest, "The request was refused."),
        _ => new WireError(status, "server_error", "The server had an error while processing your request."),
    };

    public override void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs)
    {
        headers["x-request-id"] = requestId;
        headers["openai-processing-ms"] = elapsedMs.ToString(CultureInfo.InvariantCulture);
        headers["openai-version"] = "2020-10-01";
    }

    public override void WriteError(Utf8JsonWriter json, WireError error, string requestId)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        json.WriteString("param"u8, error.Param);
        json.WriteString("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public override void WriteAnswer(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer) =>
        OpenAiAnswer.Write(json, head, prompt, answer, HasContentFilter);

    public override AnswerStream OpenStream(PipeWriter output, AnswerHead head, Prompt prompt, Answer answer) =>
        new OpenAiStream(this, output, head, prompt, answer, HasContentFilter);

    public override void WriteModels(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        json.WriteStartObject();
        json.WriteString("id"u8, Profile.Model);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, 1_700_000_000);
        json.WriteString("owned_by"u8, Profile.Name);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public override WireError? WriteOther(Utf8JsonWriter json, WireEndpoint endpoint, JsonElement body) =>
        CheckModel(body) ?? OpenAiEmbeddings.Write(json, body, Profile);

    protected static WireError? CheckMethod(HttpRequest request, WireEndpoint endpoint)
    {
        var isRight = endpoint is WireEndpoint.Models ? HttpMethods.IsGet(request.Method) : HttpMethods.IsPost(request.Method);
        return isRight ? null : new WireError(405, InvalidRequest, "Not allowed to use this method on this path.", "method_not_supported");
    }

    protected static WireEndpoint EndpointOf(string path) => path switch
    {
        _ when path.EndsWith("/chat/completions", StringComparison.Ordinal) => WireEndpoint.Chat,
        _ when path.EndsWith("/embeddings", StringComparison.Ordinal) => WireEndpoint.Embeddings,
        _ when path.EndsWith("/models", StringComparison.Ordinal) => WireEndpoint.Models,
        _ => WireEndpoint.None,
    };

    protected virtual WireError? CheckModel(JsonElement body) => body.Text("model"u8) switch
    {
        null or "" => new WireError(400, InvalidRequest, "you must provide a model parameter"),
        var model when model != Profile.Model => new WireError(
            404, InvalidRequest, "The model does not exist or you do not have access to it.", "model_not_found"),
        _ => null,
    };
}
