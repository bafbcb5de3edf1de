using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.LocalPostgres;

public sealed class LocalPostgresServerTests
{
    [Fact]
    public async Task Start_GivesADurableServerInUtc_AndKeepsPortAndDataOverARestart()
    {
        var folder = TestFolder.Create("restart");
        string first;
        await using (var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            first = server.ConnectionString;
            Assert.Equal(first, LocalPostgresServer.FindRunning(folder));
            Assert.Equal("on on on UTC on", await Sql.ScalarAsync<string>(first,
                "SELECT concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), "
                + "current_setting('TimeZone'), current_setting('data_checksums'))"));
            await Sql.ExecuteAsync(first, "CREATE TABLE kept AS SELECT 'still here' AS words");
        }

        Assert.Null(LocalPostgresServer.FindRunning(folder));
        await using (var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            Assert.Equal(first, server.ConnectionString);
            Assert.Equal("still here", await Sql.ScalarAsync<string>(server.ConnectionString, "SELECT words FROM kept"));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task KilledServer_LeavesALockFileBehind_AndStartsAgain()
    {
        var folder = TestFolder.Create("killed");
        await using (var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            using var postmaster = Process.GetProcessById(server.ProcessId);
            postmaster.Kill();
            await using var again = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
            Assert.NotEqual(server.ProcessId, again.ProcessId);
            Assert.Equal(1, await Sql.ScalarAsync<int>(again.ConnectionString, "SELECT 1"));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task ServerOfAKilledProcess_Stops_AndItsDataAreWhole()
    {
        var folder = TestFolder.Create("orphan");
        ProcessStartInfo start = new(Environment.ProcessPath ?? "dotnet", [typeof(LocalPostgresServerTests).Assembly.Location, folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var owner = Process.Start(start) ?? throw new InvalidOperationException("The owner did not start.");
        var postmasterId = int.Parse(await owner.StandardOutput.ReadLineAsync() ?? "", CultureInfo.InvariantCulture);
        var connectionString = await owner.StandardOutput.ReadLineAsync() ?? "";
        await Sql.ExecuteAsync(connectionString, "CREATE TABLE kept AS SELECT 'still here' AS words");

        using (var postmaster = Process.GetProcessById(postmasterId))
        {
            owner.Kill();
            await postmaster.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Null(LocalPostgresServer.FindRunning(folder));
        await using (var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        {
            Assert.Equal("still here", await Sql.ScalarAsync<string>(server.ConnectionString, "SELECT words FROM kept"));
        }

        Directory.Delete(folder, recursive: true);
    }
}
