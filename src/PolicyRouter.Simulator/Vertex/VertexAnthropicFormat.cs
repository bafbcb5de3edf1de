using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Anthropic;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>
/// Anthropic's models on Vertex AI: a messages body whose model stands in the path instead. Google's front end refuses in Google's
/// shape; what the model itself refuses (a body that is no messages request), and the errors inside a stream, have Anthropic's.
/// </summary>
internal sealed class VertexAnthropicFormat(ProviderProfile profile) : VertexFormat(profile, "anthropic")
{
    private const string RequiredVersion = "vertex-2023-10-16";
    private const string Predict = "rawPredict";
    private const string StreamPredict = "streamRawPredict";
    private const string CountTokens = "count-tokens";
    private const int Overloaded = 529;

    private readonly AnthropicFormat _anthropic = new(profile);

    public override string RequestIdPrefix => "req_vrtx_";

    public override string AnswerIdPrefix => "msg_vrtx_";

    public override (Prompt? Prompt, WireError? Error) Read(HttpRequest request, JsonElement body)
    {
        var isStream = MethodOf(request) is StreamPredict;
        if ((CheckEnvelope(body, isStream) ?? AnthropicRequest.Check(body, needsMaxTokens: true)) is { } error)
        {
            return (null, error);
        }

        return (AnthropicRequest.Read(body) with { Model = Profile.Model }, null);
    }

    /// <summary>Google has no status 529: it is passed on from Anthropic.</summary>
    public override WireError ErrorFor(int status) => status is Overloaded ? _anthropic.ErrorFor(status) : base.ErrorFor(status);

    public override WireError StreamErrorFor(int status) => _anthropic.ErrorFor(status);

    public override void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs)
    {
        base.AddHeaders(headers, requestId, elapsedMs);
        headers["request-id"] = requestId;
    }

    public override void WriteError(Utf8JsonWriter json, WireError error, string requestId)
    {
        if (GoogleErrors.IsGoogles(error))
        {
            base.WriteError(json, error, requestId);
        }
        else
        {
            _anthropic.WriteError(json, error, requestId);
        }
    }

    public override void WriteAnswer(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer) =>
        AnthropicAnswer.Write(json, Named(head), prompt, answer, Profile.Region);

    public override AnswerStream OpenStream(PipeWriter output, AnswerHead head, Prompt prompt, Answer answer) =>
        new AnthropicStream(this, output, Named(head), prompt, answer, Profile.Region);

    public override WireError? WriteOther(Utf8JsonWriter json, WireEndpoint endpoint, JsonElement body) =>
        CheckVersion(body)
        ?? (body.Text("model"u8) is { } model && model != Profile.Model
            ? GoogleErrors.NoModel
            : _anthropic.WriteOther(json, endpoint, body));

    protected override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request, VertexPath path) => path switch
    {
        { Method: not (Predict or StreamPredict) } => (WireEndpoint.None, GoogleErrors.NotFound),
        { Model: CountTokens, Method: Predict } => (WireEndpoint.CountTokens, null),
        { Model: var model } when model != Profile.Model => (WireEndpoint.None, GoogleErrors.NoModel),
        _ => (WireEndpoint.Chat, null),
    };

    private static WireError? CheckEnvelope(JsonElement body, bool isStream)
    {
        if (body.TryGetProperty("model"u8, out _))
        {
            return GoogleErrors.Invalid("model: the model is in the URL, and not permitted in the body.");
        }

        return body.Flag("stream"u8) == isStream
            ? CheckVersion(body)
            : GoogleErrors.Invalid("stream: must be true for streamRawPredict, and only there.");
    }

    private static WireError? CheckVersion(JsonElement body) =>
        body.Text("anthropic_version"u8) is RequiredVersion ? null : GoogleErrors.Invalid($"anthropic_version: must be {RequiredVersion}.");

    /// <summary>The answer has Anthropic's own name of the model, where Google's has an @ before the date.</summary>
    private static AnswerHead Named(AnswerHead head) => head with { Model = head.Model.Replace('@', '-') };
}
