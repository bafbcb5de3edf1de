using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Anthropic;

/// <summary>The Anthropic Messages API, version 2023-06-01: messages, token counts and the model list.</summary>
internal sealed class AnthropicFormat(ProviderProfile profile) : WireFormat(profile)
{
    private const string InvalidRequest = "invalid_request_error";

    public override string RequestIdPrefix => "req_";

    public override string AnswerIdPrefix => "msg_";

    public override WireError InvalidJson { get; } = new(400, InvalidRequest, "The request body is not valid JSON.");

    public override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var endpoint = path switch
        {
            _ when path.EndsWith("/messages", StringComparison.Ordinal) => WireEndpoint.Chat,
            _ when path.EndsWith("/messages/count_tokens", StringComparison.Ordinal) => WireEndpoint.CountTokens,
            _ when path.EndsWith("/models", StringComparison.Ordinal) => WireEndpoint.Models,
            _ => WireEndpoint.None,
        };
        if (endpoint is WireEndpoint.None)
        {
            return (endpoint, new WireError(404, "not_found_error", "Not found"));
        }

        var isRight = endpoint is WireEndpoint.Models ? HttpMethods.IsGet(request.Method) : HttpMethods.IsPost(request.Method);
        return (endpoint, isRight ? null : new WireError(405, InvalidRequest, "Method Not Allowed"));
    }

    public override WireError? Authenticate(HttpRequest request)
    {
        if (Profile.Credential is { } credential)
        {
            if (request.Headers["x-api-key"] is not [{ } given])
            {
                return new WireError(401, "authentication_error", "x-api-key header is required");
            }

            if (!Credentials.Match(given, credential))
            {
                return new WireError(401, "authentication_error", "invalid x-api-key");
            }
        }

        return request.Headers["anthropic-version"] is [{ Length: > 0 }]
            ? null
            : new WireError(400, InvalidRequest, "anthropic-version: header is required");
    }

    public override (Prompt? Prompt, WireError? Error) Read(HttpRequest request, JsonElement body)
    {
        var error = CheckModel(body) ?? AnthropicRequest.Check(body, needsMaxTokens: true);
        return error is null ? (AnthropicRequest.Read(body), null) : (null, error);
    }

    public override WireError ErrorFor(int status) => status switch
    {
        400 => new WireError(status, InvalidRequest, "The request was refused."),
        401 => new WireError(status, "authentication_error", "invalid x-api-key"),
        402 => new WireError(status, "billing_error", "Your credit balance is too low."),
        403 => new WireError(status, "permission_error", "Your API key does not have permission to use the specified resource."),
        404 => new WireError(status, "not_found_error", "Not found"),
        413 => new WireError(status, "request_too_large", "Request exceeds the maximum size"),
        429 => new WireError(status, "rate_limit_error", "This request would exceed your account's rate limit."),
        504 => new WireError(status, "timeout_error", "The request timed out."),
        529 => new WireError(status, "overloaded_error", "Overloaded"),
        < 500 => new WireError(status, InvalidRequest, "The request was refused."),
        _ => new WireError(status, "api_error", "Internal server error"),
    };

    public override void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs)
    {
        headers["request-id"] = requestId;
        headers["anthropic-organization-id"] = "00000000-0000-4000-8000-000000000000";
    }

    public override void WriteError(Utf8JsonWriter json, WireError error, string requestId)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, error.Type);
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
    }

    public override void WriteAnswer(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer) =>
        AnthropicAnswer.Write(json, head, prompt, answer, Profile.Region);

    public override AnswerStream OpenStream(PipeWriter output, AnswerHead head, Prompt prompt, Answer answer) =>
        new AnthropicStream(this, output, head, prompt, answer, Profile.Region);

    public override void WriteModels(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "model"u8);
        json.WriteString("id"u8, Profile.Model);
        json.WriteString("display_name"u8, Profile.Model);
        json.WriteString("created_at"u8, "2025-01-01T00:00:00Z"u8);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, false);
        json.WriteString("first_id"u8, Profile.Model);
        json.WriteString("last_id"u8, Profile.Model);
        json.WriteEndObject();
    }

    public override WireError? WriteOther(Utf8JsonWriter json, WireEndpoint endpoint, JsonElement body)
    {
        if ((CheckModel(body) ?? AnthropicRequest.Check(body, needsMaxTokens: false)) is { } error)
        {
            return error;
        }

        json.WriteStartObject();
        json.WriteNumber("input_tokens"u8, AnthropicRequest.Read(body).InputTokens);
        json.WriteEndObject();
        return null;
    }

    private WireError? CheckModel(JsonElement body) => body.Text("model"u8) switch
    {
        null => new WireError(400, InvalidRequest, "model: Field required"),
        var model when model != Profile.Model => new WireError(404, "not_found_error", "model: not found"),
        _ => null,
    };
}
