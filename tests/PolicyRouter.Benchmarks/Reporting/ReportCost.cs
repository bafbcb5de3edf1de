using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reporting;
using PolicyRouter.Cli.Audit.Report;
using PolicyRouter.Reports.Incidents;

namespace PolicyRouter.Benchmarks.Reporting;

/// <summary>What a report costs: time and memory over a tenth of a month and over all of it, each in a process of its own.</summary>
internal static class ReportCost
{
    public static async Task RunAsync(int requests)
    {
        var folder = Directory.CreateTempSubdirectory("policyrouter-report-").FullName;
        try
        {
            await using var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
            AuditLogOptions options = new() { ConnectionString = server.ConnectionString, Shard = "schema", Deadline = TimeSpan.FromSeconds(20) };
            await using (await AuditLog.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None))
            {
            }

            var started = Stopwatch.GetTimestamp();
            await RecordedHistory.WriteAsync(server.ConnectionString, requests);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{requests:N0} requests written in {Stopwatch.GetElapsedTime(started).TotalSeconds:N0} s"));
            foreach (var days in (int[])[3, 30])
            {
                using var child = Process.Start(new ProcessStartInfo("dotnet", [typeof(ReportCost).Assembly.Location, "report-of", server.ConnectionString, days.ToString(CultureInfo.InvariantCulture)]))!;
                await child.WaitForExitAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One report, in this process.</summary>
    public static async Task ReportAsync(string connectionString, int days)
    {
        await using var history = AuditHistory.Open(connectionString);
        var started = Stopwatch.GetTimestamp();
        var report = await history.ReportAsync(
            new ReportPeriod(RecordedHistory.From, RecordedHistory.From.AddDays(days)), RecordedHistory.To, new Progress<long>(), CancellationToken.None);
        var html = ReportHtml.Write(ReportSections.Of(report, 0.999));
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Requests.Total:N0} decisions, {report.Source.EventsRead:N0} events, {report.Incidents.Count} incidents: {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s, peak {self.PeakWorkingSet64 / 1_048_576.0:N0} MiB, {html.Length / 1024} KiB of HTML"));
    }
}
