using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>Gemini on Vertex AI (v1): <c>generateContent</c>, and <c>streamGenerateContent</c> as server-sent events.</summary>
internal sealed class VertexGeminiFormat(ProviderProfile profile) : VertexFormat(profile, "google")
{
    private const string Generate = "generateContent";
    private const string StreamGenerate = "streamGenerateContent";

    public override string RequestIdPrefix => "";

    public override string AnswerIdPrefix => "";

    public override string StreamContentType => "text/event-stream";

    /// <summary>From here on a model wants its thought signatures back.</summary>
    private bool NeedsSignatures => Profile.Model.StartsWith("gemini-3", StringComparison.Ordinal);

    public override (Prompt? Prompt, WireError? Error) Read(HttpRequest request, JsonElement body) =>
        GeminiRequest.Check(body, NeedsSignatures) is { } error
            ? (null, error)
            : (GeminiRequest.Read(body, Profile.Model, MethodOf(request) is StreamGenerate), null);

    public override void WriteAnswer(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer) =>
        GeminiAnswer.Write(json, head, prompt, answer);

    public override AnswerStream OpenStream(PipeWriter output, AnswerHead head, Prompt prompt, Answer answer) =>
        new GeminiStream(output, head, prompt, answer);

    protected override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request, VertexPath path) => path switch
    {
        { Method: not (Generate or StreamGenerate) } => (WireEndpoint.None, GoogleErrors.NotFound),
        { Model: var model } when model != Profile.Model => (WireEndpoint.None, GoogleErrors.NoModel),
        { Method: StreamGenerate } when request.Query["alt"] is not ["sse"] =>
            (WireEndpoint.None, GoogleErrors.Invalid("This server streams server-sent events only: the query must have alt=sse.")),
        _ => (WireEndpoint.Chat, null),
    };
}
