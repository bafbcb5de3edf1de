using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Faults;

public sealed class StandbyTests
{
    private const string WaitingForTheStandby =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'policyrouter audit standby' AND wait_event = 'SyncRep'";

    [Fact]
    public async Task CommitThatNoStandbyConfirmed_IsRefused_EvenWhenAnOperatorCutsTheWaitShort()
    {
        var folder = TestFolder.Create("standby");
        await using (var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            // This connection must not wait for a standby itself.
            var database = server.ConnectionString + ";Pooling=false;Options=-c synchronous_commit=local";
            await using var log = await AuditLog.OpenAsync(
                new AuditLogOptions { ConnectionString = server.ConnectionString, Shard = "standby", Deadline = TimeSpan.FromSeconds(30) },
                TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
            await ServerKillTests.AppendUntilRecordedAsync(log);
            await StoredLog.ExecuteAsync(database, "ALTER SYSTEM SET synchronous_standby_names = 'absent'");
            await StoredLog.ExecuteAsync(database, "SELECT pg_reload_conf()");

            // Commits from before the server has taken the setting do not wait.
            var append = log.AppendAsync(Sample.Permit(), CancellationToken.None);
            while (await StoredLog.ScalarAsync<long>(database, WaitingForTheStandby) == 0)
            {
                if (append.IsCompleted)
                {
                    await append;
                    append = log.AppendAsync(Sample.Permit(), CancellationToken.None);
                }
            }

            // PostgreSQL now answers the commit as a success, with a warning.
            await StoredLog.ExecuteAsync(
                database, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'policyrouter audit standby'");
            await Assert.ThrowsAsync<AuditUnavailableException>(() => append);

            await StoredLog.ExecuteAsync(database, "ALTER SYSTEM RESET synchronous_standby_names");
            await StoredLog.ExecuteAsync(database, "SELECT pg_reload_conf()");
            await ServerKillTests.AppendUntilRecordedAsync(log);
            await StoredLog.AssertConsistentAsync(database, "standby");
        }

        Directory.Delete(folder, recursive: true);
    }
}
