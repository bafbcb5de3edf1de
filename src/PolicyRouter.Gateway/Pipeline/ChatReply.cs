using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.HandingOff;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>The caller's side of one request: headers, then an answer, a stream, a decision or an error.</summary>
internal sealed class ChatReply(HttpContext http, CallerApi api, ChatExchange exchange)
{
    public PolicySnapshot? Snapshot { get; set; }
    public Decision? Decision { get; set; }
    public AttemptsResult? Attempts { get; set; }

    public Task RefuseAsync(GatewayError error)
    {
        WriteHeaders();
        return api.WriteErrorAsync(http.Response, error);
    }

    /// <summary>Dry run: the decision itself.</summary>
    public async Task DecisionAsync(Decision decision)
    {
        ArrayBufferWriter<byte> json = new();
        await using (Utf8JsonWriter writer = new(json))
        {
            DecisionJson.Write(writer, decision);
        }

        WriteHeaders();
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.WrittenCount;
        await http.Response.Body.WriteAsync(json.WrittenMemory, http.RequestAborted);
    }

    public Task AnswerAsync(ProviderReply.Whole answer, PlaceholderTable placeholders)
    {
        WriteHeaders();
        return AnswerRelay.WriteAsync(http.Response, api, answer, placeholders, http.RequestAborted);
    }

    public Task<RelayOutcome> StreamAsync(ProviderStream stream, PromptDocument document, PlaceholderTable placeholders)
    {
        WriteHeaders();
        return AnswerRelay.StreamAsync(http.Response, api, stream, document.IncludesUsage, placeholders, http.RequestAborted);
    }

    /// <summary>The message of a route whose requests go to people when nobody answers.</summary>
    public Task HandedOffAsync(string message, PromptDocument document, TimeProvider time)
    {
        WriteHeaders();
        http.Response.Headers["X-Handed-Off"] = "true";
        return HandOffAnswer.WriteAsync(http.Response, document, message, exchange.RequestId, time, http.RequestAborted);
    }

    private void WriteHeaders() => DataPlaneHeaders.Write(http.Response, new DataPlaneHeaders
    {
        PolicyVersion = Attempts?.DecidedAgain?.PolicyVersion ?? Snapshot?.Version,
        DataClasses = (Attempts?.DecidedAgain ?? Decision)?.Classes.Final,
        Deployment = Attempts?.Answer is null ? null : Attempts.Target?.Deployment.Id,
        Attempts = Attempts?.Attempts ?? 0,
        Redactions = Attempts?.Redactions ?? 0,
        Overhead = exchange.Overhead,
    });
}
