using System.IO.Pipelines;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Anthropic;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Bedrock;

/// <summary>
/// Bedrock's InvokeModel with Anthropic's models: a messages body whose model and streaming stand in the path instead, and streams in
/// Amazon's binary framing.
/// </summary>
internal sealed partial class BedrockAnthropicFormat(ProviderProfile profile) : WireFormat(profile)
{
    private const string RequiredVersion = "bedrock-2023-05-31";

    public override string RequestIdPrefix => "";

    public override string AnswerIdPrefix => "msg_bdrk_";

    public override string StreamContentType => "application/vnd.amazon.eventstream";

    public override WireError InvalidJson { get; } =
        BedrockErrors.Invalid("Malformed input request, please reformat your input and try again.");

    /// <summary>Whether a model is one of Anthropic's.</summary>
    public static bool Serves(string model) => model.Contains("anthropic.", StringComparison.Ordinal);

    public override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request) => BedrockPath.Of(request) switch
    {
        { } path when !HttpMethods.IsPost(request.Method) => (WireEndpoint.None, BedrockErrors.NoOperation),
        { } path when path.Model != Profile.Model => (WireEndpoint.None, BedrockErrors.NoModel),
        { } => (WireEndpoint.Chat, null),
        null => (WireEndpoint.None, BedrockErrors.NoOperation),
    };

    public override WireError? Authenticate(HttpRequest request) => BedrockErrors.Authenticate(request, Profile.Credential);

    public override (Prompt? Prompt, WireError? Error) Read(HttpRequest request, JsonElement body)
    {
        if (CheckEnvelope(body) is { } error)
        {
            return (null, error);
        }

        return AnthropicRequest.Check(body, needsMaxTokens: true) is { } wrong
            ? (null, BedrockErrors.Invalid(wrong.Message))
            : (AnthropicRequest.Read(body) with { Model = Profile.Model, Stream = BedrockPath.Of(request) is { Stream: true } }, null);
    }

    public override WireError ErrorFor(int status) => BedrockErrors.For(status);

    public override WireError StreamErrorFor(int status) => BedrockErrors.InStream(status);

    public override void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs) =>
        BedrockHeaders.Add(headers, requestId, Profile.Region);

    public override void AddAnswerHeaders(IHeaderDictionary headers, Prompt prompt, Answer answer)
    {
        BedrockHeaders.AddCounts(headers, prompt, answer);
        if (prompt.Stream)
        {
            headers["x-amzn-bedrock-content-type"] = "application/json";
        }
    }

    public override void AddErrorHeaders(IHeaderDictionary headers, WireError error) => BedrockHeaders.AddErrorType(headers, error.Type);

    public override void WriteError(Utf8JsonWriter json, WireError error, string requestId)
    {
        json.WriteStartObject();
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
    }

    public override void WriteAnswer(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer) =>
        AnthropicAnswer.Write(json, Named(head), prompt, answer, Profile.Region);

    public override AnswerStream OpenStream(PipeWriter output, AnswerHead head, Prompt prompt, Answer answer) =>
        new BedrockStream(this, output, Named(head), prompt, answer, Profile.Region);

    private static WireError? CheckEnvelope(JsonElement body)
    {
        if (body.TryGetProperty("model"u8, out _))
        {
            return Extraneous("model");
        }

        if (body.TryGetProperty("stream"u8, out _))
        {
            return Extraneous("stream");
        }

        return body.Text("anthropic_version"u8) switch
        {
            null => BedrockErrors.Invalid("anthropic_version: Field required"),
            RequiredVersion => null,
            _ => BedrockErrors.Invalid("Invalid API version."),
        };
    }

    private static WireError Extraneous(string key) => BedrockErrors.Invalid(
        $"Malformed input request: #: extraneous key [{key}] is not permitted, please reformat your input and try again.");

    /// <summary>The answer has Anthropic's own name of the model, without Bedrock's prefixes and version.</summary>
    private static AnswerHead Named(AnswerHead head) =>
        ModelId().Match(head.Model) is { Success: true } id ? head with { Model = id.Groups["name"].Value } : head;

    [GeneratedRegex(@"anthropic\.(?<name>.+?)(-v[0-9]+(:[0-9]+)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex ModelId();
}
