using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reporting;
using PolicyRouter.Reports.Incidents;

namespace PolicyRouter.Cli.Demo;

/// <summary>The report that <c>audit report</c> makes, of the replay.</summary>
internal static class DemoIncidents
{
    private const double Target = 0.999;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    public static async Task WriteAsync(FileInfo file, string connectionString, DateTimeOffset from, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var history = AuditHistory.Open(connectionString);
        ReportPeriod period = new(from, time.GetUtcNow());

        // Ends are committed after the answers; the last ones may be under way.
        AuditReport report;
        while ((report = await history.ReportAsync(period, time.GetUtcNow(), new Progress<long>(), cancellationToken)).Requests[RequestFate.Open] > 0)
        {
            await Task.Delay(BetweenLooks, time, cancellationToken);
        }

        var document = ReportSections.Of(report, Target);
        var isPage = file.Extension.Equals(".html", StringComparison.OrdinalIgnoreCase);
        await File.WriteAllTextAsync(file.FullName, isPage ? ReportHtml.Write(document) : ReportMarkdown.Write(document), cancellationToken);
    }
}
