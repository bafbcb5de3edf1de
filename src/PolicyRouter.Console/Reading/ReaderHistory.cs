using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reporting;
using PolicyRouter.Audit.Retention;
using PolicyRouter.WebConsole.Gateways;
using PolicyRouter.WebConsole.SignIn;

namespace PolicyRouter.WebConsole.Reading;

/// <summary>
/// The log as the person who is signed in may see it. The pages have no other way to it: every question about requests carries the reader's tenant into
/// the SQL, and whoever looks at requests is recorded before anything is shown.
/// </summary>
internal sealed class ReaderHistory(AuditHistory history, IHttpContextAccessor http, GatewayClient? gateway = null)
{
    /// <summary>Questions for the sake of the picture may take this long; then the page is shown without the picture.</summary>
    private static readonly TimeSpan PicturePatience = TimeSpan.FromMilliseconds(1_500);

    /// <summary>What no index finds is looked for about this long, and as long once more where an index does not help, unless its reader says otherwise; a page has 300 ms in all (docs/benchmarks.md, "The console").</summary>
    private static readonly TimeSpan SearchBudget = TimeSpan.FromMilliseconds(80);

    /// <summary>A page may take this long; then its reader is asked for a narrower question.</summary>
    private static readonly TimeSpan PagePatience = TimeSpan.FromSeconds(10);

    private Reader? _reader;

    public Reader Reader => _reader ??= Reader.Of(http.HttpContext!.User);

    /// <summary>False in development without a gateway: then nobody is recorded.</summary>
    public bool IsRecorded => gateway is not null;

    /// <summary>A page, recorded.</summary>
    /// <param name="asked">What was asked for, as it will stand in the record.</param>
    /// <param name="thorough">True looks through everything, however long that takes a page.</param>
    /// <exception cref="GatewayRefusedException">The read could not be recorded: show nothing.</exception>
    /// <exception cref="TooSlowException">The question takes too long.</exception>
    public async Task<HistoryPage> PageAsync(HistoryQuery query, string asked, bool thorough, CancellationToken cancellationToken)
    {
        var page = await Within(PagePatience, limit => thorough ? history.QueryAsync(Bound(query), limit) : history.QueryWithinAsync(Bound(query), SearchBudget, limit), cancellationToken);
        await RecordAsync(asked, page.Decisions.Count, cancellationToken);
        return page with { Decisions = [.. page.Decisions.Select(ShownText.Of)] };
    }

    /// <summary>Counts over time; null when that takes too long.</summary>
    public async Task<Histogram?> HistogramAsync(HistoryQuery query, DateTimeOffset from, DateTimeOffset to, int bars, CancellationToken cancellationToken)
    {
        try
        {
            return await Within(PicturePatience, limit => history.HistogramAsync(Bound(query), from, to, bars, limit), cancellationToken);
        }
        catch (TooSlowException)
        {
            return null;
        }
    }

    /// <summary>How many requests meet the query, up to a number; null when that takes too long.</summary>
    public async Task<long?> CountUpToAsync(HistoryQuery query, int most, CancellationToken cancellationToken)
    {
        try
        {
            return await Within(PicturePatience, limit => history.CountUpToAsync(Bound(query), most, limit), cancellationToken);
        }
        catch (TooSlowException)
        {
            return null;
        }
    }

    /// <summary>When the oldest request that the reader may see was decided; null when there is none.</summary>
    public Task<DateTimeOffset?> OldestAsync(CancellationToken cancellationToken) => history.OldestAsync(Reader.Tenant, cancellationToken);

    /// <summary>Every event of one request, recorded; empty when there is none that the reader may see.</summary>
    /// <exception cref="GatewayRefusedException">The read could not be recorded: show nothing.</exception>
    public async Task<IReadOnlyList<RecordedEvent>> EventsOfAsync(Guid request, CancellationToken cancellationToken)
    {
        var events = await history.EventsOfAsync(request, Reader.Tenant, cancellationToken);
        await RecordAsync($"console: id:{request}", events.Count, cancellationToken);
        return [.. events.Select(ShownText.Of)];
    }

    /// <summary>The newest decisions, to be decided again, recorded.</summary>
    /// <exception cref="GatewayRefusedException">The read could not be recorded: show nothing.</exception>
    public async Task<IReadOnlyList<RequestDecided>> LatestDecisionsAsync(HistoryQuery query, int most, string asked, CancellationToken cancellationToken)
    {
        var decisions = await Within(PagePatience, limit => history.LatestDecisionsAsync(Bound(query), most, limit), cancellationToken);
        await RecordAsync(asked, decisions.Count, cancellationToken);
        return decisions;
    }

    /// <summary>An export, recorded before it is read.</summary>
    /// <exception cref="GatewayRefusedException">It could not be recorded: export nothing.</exception>
    public async Task<DecisionExport> OpenExportAsync(HistoryQuery query, string asked, CancellationToken cancellationToken)
    {
        if (gateway is null)
        {
            throw new GatewayRefusedException("Nothing is exported without a record, and this console has no gateway to make one.");
        }

        var export = await history.OpenExportAsync(Bound(query), cancellationToken);
        try
        {
            await gateway.RecordReadAsync(asked, export.Rows, cancellationToken);
            return export;
        }
        catch
        {
            await export.DisposeAsync();
            throw;
        }
    }

    /// <summary>The report of a period, recorded. For readers who see every tenant: it is about all of them.</summary>
    /// <exception cref="GatewayRefusedException">The read could not be recorded: show nothing.</exception>
    /// <exception cref="TooSlowException">The period is too long for a page.</exception>
    public async Task<AuditReport> ReportAsync(ReportPeriod period, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var report = await Within(PagePatience, limit => history.ReportAsync(period, now, Unobserved.Instance, limit), cancellationToken);
        await RecordAsync($"console: incident report from={UtcText.Exact(period.From)} to={UtcText.Exact(period.To)}", (int)Math.Min(report.Requests.Total, int.MaxValue), cancellationToken);
        return report;
    }

    /// <summary>Records that the reader has the whole log verified.</summary>
    /// <exception cref="GatewayRefusedException">It could not be recorded: verify nothing.</exception>
    public Task RecordVerificationAsync(CancellationToken cancellationToken) => RecordAsync("console: verification of the whole log", 0, cancellationToken);

    /// <summary>What happened to policies and deployments, newest first. It is about no tenant.</summary>
    public Task<IReadOnlyList<AuditEvent>> PolicyEventsAsync(int most, CancellationToken cancellationToken) =>
        NoticesAsync([EventTypes.PolicyActivated, EventTypes.PolicyRejected], most, cancellationToken);

    /// <summary>Who read what, newest first; null for people who may not know: queries name other tenants.</summary>
    public async Task<IReadOnlyList<AuditEvent>?> ReadsAsync(int most, CancellationToken cancellationToken) =>
        Reader is { IsAuditor: true, SeesEveryTenant: true } ? await NoticesAsync([EventTypes.HistoryRead], most, cancellationToken) : null;

    /// <summary>Legal holds in force, their placing and lifting, newest first; null for people who may not know: they name apps of every tenant.</summary>
    public async Task<(IReadOnlyList<LegalHold> InForce, IReadOnlyList<AuditEvent> Changes)?> LegalHoldsAsync(int most, CancellationToken cancellationToken)
    {
        if (!Reader.SeesEveryTenant)
        {
            return null;
        }

        var holds = await history.LegalHoldsAsync(cancellationToken);
        return (
            [.. holds.Select(static hold => hold with { Name = ShownText.Of(hold.Name), Reason = ShownText.Of(hold.Reason), By = ShownText.Of(hold.By), Apps = [.. hold.Apps.Select(ShownText.Of)] })],
            await NoticesAsync([EventTypes.LegalHoldPlaced, EventTypes.LegalHoldLifted], most, cancellationToken));
    }

    /// <summary>Retired epochs, newest first. It is about no tenant.</summary>
    public Task<IReadOnlyList<AuditEvent>> RetirementsAsync(int most, CancellationToken cancellationToken) => NoticesAsync([EventTypes.RetentionExecuted], most, cancellationToken);

    /// <summary>How long the log is. Numbers only, of all tenants together.</summary>
    public Task<IReadOnlyList<LogSize>> SizesAsync(CancellationToken cancellationToken) =>
        Within(PagePatience, history.SizesAsync, cancellationToken);

    private async Task<IReadOnlyList<AuditEvent>> NoticesAsync(IReadOnlyList<string> types, int most, CancellationToken cancellationToken) =>
        [.. (await history.NoticesAsync(types, most, cancellationToken)).Select(ShownText.Of)];

    private HistoryQuery Bound(HistoryQuery query) => Reader.Tenant is { } tenant ? query with { Tenant = tenant } : query;

    private Task RecordAsync(string asked, int rows, CancellationToken cancellationToken) =>
        gateway?.RecordReadAsync(asked, rows, cancellationToken) ?? Task.CompletedTask;

    private sealed class Unobserved : IProgress<long>
    {
        public static Unobserved Instance { get; } = new();

        public void Report(long value)
        {
        }
    }

    private static async Task<T> Within<T>(TimeSpan patience, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TooSlowException();
        }
    }
}

/// <summary>A question to the log took longer than a page may take.</summary>
internal sealed class TooSlowException() : Exception("The question takes too long.");
