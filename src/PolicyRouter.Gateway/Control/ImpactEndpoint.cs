using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Replaying;
using PolicyRouter.Reports.Impact;

namespace PolicyRouter.Gateway.Control;

/// <summary>
/// <c>POST /api/policy/impact</c>: decides the newest recorded requests again under a draft, each for the day it was decided for, and tells what would have been different.
/// The reader is recorded first; the draft is kept nowhere; nothing is sent.
/// </summary>
internal sealed class ImpactEndpoint(LoadDraft load, AuditConnection audit, TimeProvider time) : IDisposable
{
    private const int LargestBody = 4 * 1_048_576;

    // Five thousand decisions take a core for a moment: one reader after the other, so that the data plane keeps the rest.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task AnswerAsync(HttpContext http)
    {
        using var body = await BoundedBody.ReadAsync(http.Request.BodyReader, http.Request.ContentLength, LargestBody, http.RequestAborted);
        if (body is null)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.RequestTooLarge(LargestBody));
            return;
        }

        await _turn.WaitAsync(http.RequestAborted);
        try
        {
            var question = ImpactQuestion.Read(http.Request, body.Memory);
            await (load(question.Draft) switch
            {
                PolicyLoadResult.Loaded loaded => AnswerAsync(http, loaded, question.Last),
                var refused => RefuseAsync(http, refused.Problems),
            });
        }
        catch (FormatException fault)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest(fault.Message, null));
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task AnswerAsync(HttpContext http, PolicyLoadResult.Loaded draft, int last)
    {
        var reader = Caller.Of(http.User);
        HistoryQuery query = reader.Tenant.Length > 0 ? new() { Tenant = reader.Tenant } : new();
        var decisions = await audit.LatestDecisions(query, last, http.RequestAborted);
        await audit.Append(
            HistoryReads.Of(reader.App, FormattableString.Invariant($"impact of draft {draft.Snapshot.Version} on the newest {last} decisions"), decisions.Count, time), http.RequestAborted);
        var report = ImpactReport.Of(new PolicyReplay(draft.Snapshot), decisions);
        await ControlJson.WriteAsync(http, writer => Write(writer, draft, report));
    }

    private static Task RefuseAsync(HttpContext http, IReadOnlyList<Problem> problems) => PlaneErrors.WriteAsync(
        http,
        new GatewayError(StatusCodes.Status422UnprocessableEntity, "draft_invalid", "invalid_request_error", $"The draft does not load: {ProblemPrinter.Summary(problems)}.", "files"),
        writer => ProblemJson.WriteProperty(writer, problems));

    private static void Write(Utf8JsonWriter writer, PolicyLoadResult.Loaded draft, ImpactReport report)
    {
        writer.WriteStartObject();
        writer.WriteString("policyVersion", draft.Snapshot.Version);
        writer.WriteNumber("decided", report.Totals.Decided);
        writer.WriteNumber("changed", report.Totals.Changed);
        writer.WriteNumber("newlyAllowed", report.Totals.NewlyAllowed);
        writer.WriteNumber("newlyDenied", report.Totals.NewlyDenied);
        writer.WriteNumber("dutiesChanged", report.Totals.DutiesChanged);
        writer.WriteNumber("leftWithNobody", report.Totals.LeftWithNobody);
        writer.WriteStartArray("groups");
        foreach (var group in report.Groups)
        {
            writer.WriteStartObject();
            writer.WriteNumber("count", group.Count);
            writer.WriteString("request", group.Request);
            writer.WriteString("change", group.Change);
            writer.WriteStartArray("samples");
            foreach (var sample in group.Samples)
            {
                writer.WriteStringValue(sample);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        ProblemJson.WriteProperty(writer, draft.Problems);
        writer.WriteEndObject();
    }
}
