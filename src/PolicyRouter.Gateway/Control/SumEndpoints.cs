using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Control;

/// <summary>Sums of history for auditors, with the bounds and the record of <see cref="DecisionEndpoints"/>. Providers are those of the policy in force now: events name deployments.</summary>
internal sealed class SumEndpoints(AuditConnection audit, PolicySource policies, TimeProvider time)
{
    /// <summary><c>GET /api/usage</c>.</summary>
    public async Task UsageAsync(HttpContext http)
    {
        var (asked, fault) = SumQueryReader.Usage(http.Request.Query);
        if (asked is null)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest(fault ?? "A filter is wrong.", null));
            return;
        }

        var reader = Caller.Of(http.User);
        await AnswerAsync(http, reader, "usage", () => audit.Usage(asked.ToUsage(TenantOf(reader)), http.RequestAborted), static row => row);
    }

    /// <summary><c>GET /api/disclosures</c>.</summary>
    public async Task DisclosuresAsync(HttpContext http)
    {
        var (asked, fault) = SumQueryReader.Disclosures(http.Request.Query);
        if (asked is null)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest(fault ?? "A filter is wrong.", null));
            return;
        }

        var providers = policies.Active?.Deployments.ToDictionary(static deployment => deployment.Id, static deployment => deployment.Provider, StringComparer.Ordinal) ?? [];
        IReadOnlyList<string>? ofProvider = asked.Provider is { } provider ? [.. providers.Where(one => one.Value == provider).Select(static one => one.Key)] : null;
        var reader = Caller.Of(http.User);
        await AnswerAsync(
            http,
            reader,
            "disclosures",
            () => audit.Disclosures(asked.ToDisclosures(TenantOf(reader), ofProvider), http.RequestAborted),
            row => new { row.Day, row.Tenant, row.App, row.Deployment, provider = providers.GetValueOrDefault(row.Deployment), row.Class, row.Sends, row.FirstAt, row.LastAt });
    }

    private static string? TenantOf(Caller reader) => reader.Tenant.Length > 0 ? reader.Tenant : null;

    private async Task AnswerAsync<TRow, TShown>(HttpContext http, Caller reader, string what, Func<Task<SumPage<TRow>>> read, Func<TRow, TShown> show)
    {
        try
        {
            var page = await read();
            await audit.Append(HistoryReads.Of(reader.App, what + http.Request.QueryString.Value, page.Rows.Count, time), http.RequestAborted);
            await ControlJson.WriteAsync(http, new { rows = page.Rows.Select(show), page.NextCursor, asOf = page.Standing.AsOf, eventsBehind = page.Standing.Behind });
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
        catch (ArgumentException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest("`cursor` is not one of ours.", "cursor"));
        }
    }
}
