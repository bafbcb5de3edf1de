using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Receiving;

namespace PolicyRouter.Simulator.Serving;

/// <summary>One request and its answer: read, record, fail or check, answer.</summary>
internal sealed class Exchange(HttpContext context, SimulatedProvider provider)
{
    private readonly WireFormat _format = provider.Format;
    private readonly long _started = provider.Time.GetTimestamp();
    private ReceivedRequest? _received;
    private string _requestId = "";
    private long _number;

    private CancellationToken ClientLeft => context.RequestAborted;

    public async Task RunAsync()
    {
        using RequestBody body = new();
        try
        {
            await body.FillAsync(context.Request, ClientLeft);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // What arrived was disclosed, even if the client left in the middle.
            provider.Receive(context.Request, body.Bytes, out _)?.End(RequestOutcome.ClientAborted);
            return;
        }

        _received = provider.Receive(context.Request, body.Bytes, out _number);
        Dice ids = new(provider.Seed ^ ((ulong)_number << 32));
        _requestId = ids.NextId(_format.RequestIdPrefix, 24);

        using var watch = ClientLeft.UnsafeRegister(static received => ((ReceivedRequest?)received)?.End(RequestOutcome.ClientAborted), _received);
        try
        {
            using (provider.Enter())
            {
                await AnswerAsync(body.Bytes);
            }

            await context.Response.CompleteAsync();
            _received?.End(RequestOutcome.Answered);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException
            || (exception is ObjectDisposedException && ClientLeft.IsCancellationRequested))
        {
            // The client left (or the fleet is being closed); the watch above has recorded it, unless the fault broke the connection first.
            context.Abort();
            _received?.End(RequestOutcome.ClientAborted);
        }
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> body)
    {
        var fault = HttpMethods.IsPost(context.Request.Method) ? provider.TakeFault(body) : Fault.None;
        switch (fault)
        {
            case Fault.Hanging:
                await WaitForeverAsync();
                return;
            case Fault.Elsewhere elsewhere:
                context.Response.Headers.Location = elsewhere.Location.AbsoluteUri;
                Begin(StatusCodes.Status307TemporaryRedirect);
                return;
            case Fault.ErrorStatus status:
                if (status.RetryAfter is { } delay)
                {
                    _format.AddRetryAfter(context.Response.Headers, delay);
                }

                await RefuseAsync(_format.ErrorFor(status.Code));
                return;
            case Fault.TooMany crowded when provider.UnderWay > crowded.Most:
                await RefuseAsync(_format.ErrorFor(((Fault.ErrorStatus)Fault.Overloaded).Code));
                return;
        }

        var (endpoint, error) = _format.Route(context.Request);
        error ??= _format.Authenticate(context.Request);
        if (error is not null)
        {
            await RefuseAsync(error);
        }
        else if (endpoint is WireEndpoint.Models)
        {
            var scratch = JsonScratch.Take(out var json);
            _format.WriteModels(json);
            await SendAsync(StatusCodes.Status200OK, scratch);
        }
        else
        {
            await AnswerPostAsync(endpoint, body, fault);
        }
    }

    private async Task AnswerPostAsync(WireEndpoint endpoint, ReadOnlyMemory<byte> body, Fault fault)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            await RefuseAsync(_format.InvalidJson);
            return;
        }

        using (document)
        {
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                await RefuseAsync(_format.InvalidJson);
            }
            else if (endpoint is WireEndpoint.Chat)
            {
                await AnswerChatAsync(document.RootElement, fault);
            }
            else
            {
                var scratch = JsonScratch.Take(out var json);
                var error = _format.WriteOther(json, endpoint, document.RootElement);
                await (error is null ? SendAsync(StatusCodes.Status200OK, scratch) : RefuseAsync(error));
            }
        }
    }

    private async Task AnswerChatAsync(JsonElement body, Fault fault)
    {
        var (prompt, error) = _format.Read(context.Request, body);
        if (prompt is null)
        {
            await RefuseAsync(error!);
            return;
        }

        var answer = fault switch
        {
            Fault.Empty => new Answer(""),
            Fault.Oversize oversize => new Answer(new string('x', oversize.Characters)),
            _ => provider.Compose(prompt).Within(prompt.MaxTokens),
        };
        Dice ids = new(provider.Seed ^ ((ulong)_number << 32) ^ 0xA5);
        AnswerHead head = new(
            ids.NextId(_format.AnswerIdPrefix, 24),
            fault is Fault.OtherModel other ? other.Model : provider.Model,
            provider.Time.GetUtcNow().ToUnixTimeSeconds(),
            provider.Seed);

        if (fault is Fault.LateStart late)
        {
            await WaitAsync(late.Delay);
        }

        await (prompt.Stream ? StreamAsync(head, prompt, answer, fault) : SendWholeAsync(head, prompt, answer, fault));
    }

    private Task SendWholeAsync(AnswerHead head, Prompt prompt, Answer answer, Fault fault)
    {
        if (fault is Fault.Break { Kind: BreakKind.ErrorEvent })
        {
            return RefuseAsync(_format.ErrorFor(StatusCodes.Status500InternalServerError));
        }

        _format.AddAnswerHeaders(context.Response.Headers, prompt, answer);
        var scratch = JsonScratch.Take(out var json);
        _format.WriteAnswer(json, head, prompt, answer);
        return fault is Fault.Break broken ? SendHalfAsync(broken.Kind, scratch.Written.ToArray()) : SendAsync(StatusCodes.Status200OK, scratch);
    }

    private async Task SendHalfAsync(BreakKind kind, byte[] whole)
    {
        var half = whole.AsMemory(0, whole.Length / 2);
        AddHeaders();
        context.Response.ContentType = "application/json";
        if (kind is BreakKind.Malformed)
        {
            context.Response.ContentLength = half.Length;
            Begin(StatusCodes.Status200OK);
            await context.Response.BodyWriter.WriteAsync(half, ClientLeft);
            return;
        }

        var output = await StartBrokenAsync();
        await output.WriteAsync(half, ClientLeft);
        await BreakAsync(kind, output);
    }

    private async Task StreamAsync(AnswerHead head, Prompt prompt, Answer answer, Fault fault)
    {
        AddHeaders();
        _format.AddAnswerHeaders(context.Response.Headers, prompt, answer);
        context.Response.ContentType = _format.StreamContentType;
        context.Response.Headers.CacheControl = "no-cache";

        var broken = fault as Fault.Break;
        BrokenResponse? raw = null;
        if (broken is { Kind: BreakKind.Stall or BreakKind.Cut or BreakKind.Reset })
        {
            raw = await StartBrokenAsync();
        }
        else
        {
            Begin(StatusCodes.Status200OK);
            await context.Response.StartAsync(ClientLeft);
        }

        // Buffers of its own: the server's writer hands out empty ones once the client has reset the connection.
        var output = raw ?? PipeWriter.Create(context.Response.Body, new StreamPipeWriterOptions(leaveOpen: true));
        using var stream = _format.OpenStream(output, head, prompt, answer);
        stream.Open();
        await output.FlushAsync(ClientLeft);

        var sent = 0;
        foreach (var piece in AnswerPieces.Of(answer, prompt.Choices, head.Seed))
        {
            if (stream.CallsComeWhole && piece.Kind is PieceKind.ToolArguments)
            {
                continue;
            }

            if (sent == broken?.After)
            {
                break;
            }

            if (fault is Fault.Crawl crawl && sent > 0)
            {
                await WaitAsync(crawl.Delay);
            }

            stream.Write(piece);
            await output.FlushAsync(ClientLeft);
            sent++;
        }

        switch (broken?.Kind)
        {
            case null:
                stream.Close();
                if (fault is not Fault.Unterminated)
                {
                    stream.Terminate();
                }

                break;
            case BreakKind.Malformed:
                stream.WriteMalformed();
                break;
            case BreakKind.ErrorEvent:
                stream.WriteError(_format.StreamErrorFor(broken.Code), _requestId);
                break;
            case { } kind:
                await BreakAsync(kind, raw!);
                return;
        }

        await output.FlushAsync(ClientLeft);
    }

    private Task<BrokenResponse> StartBrokenAsync()
    {
        _received?.Begin(StatusCodes.Status200OK);
        return BrokenResponse.StartAsync(context.Response, context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket, ClientLeft);
    }

    private async Task BreakAsync(BreakKind kind, BrokenResponse output)
    {
        if (kind is BreakKind.Reset)
        {
            _received?.End(RequestOutcome.BrokenByFault);
            output.Reset();
            context.Abort();
            throw new OperationCanceledException("The connection was reset on command.");
        }

        if (kind is BreakKind.Cut)
        {
            _received?.End(RequestOutcome.BrokenByFault);
            output.Cut();
        }

        await WaitForeverAsync();
    }

    private Task RefuseAsync(WireError error)
    {
        _format.AddErrorHeaders(context.Response.Headers, error);
        var scratch = JsonScratch.Take(out var json);
        _format.WriteError(json, error, _requestId);
        return SendAsync(error.Status, scratch);
    }

    private Task SendAsync(int status, JsonScratch scratch)
    {
        var bytes = scratch.Written;
        AddHeaders();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        Begin(status);
        bytes.CopyTo(context.Response.BodyWriter.GetSpan(bytes.Length));
        context.Response.BodyWriter.Advance(bytes.Length);
        return FlushAsync();
    }

    private async Task FlushAsync() => await context.Response.BodyWriter.FlushAsync(ClientLeft);

    private void AddHeaders() =>
        _format.AddHeaders(context.Response.Headers, _requestId, (long)provider.Time.GetElapsedTime(_started).TotalMilliseconds);

    private void Begin(int status)
    {
        context.Response.StatusCode = status;
        _received?.Begin(status);
    }

    private Task WaitForeverAsync() => WaitAsync(Timeout.InfiniteTimeSpan);

    private async Task WaitAsync(TimeSpan delay)
    {
        var wait = Task.Delay(delay, provider.Time, ClientLeft);
        _received?.SetWaiting(true);
        await wait;
        _received?.SetWaiting(false);
    }
}
