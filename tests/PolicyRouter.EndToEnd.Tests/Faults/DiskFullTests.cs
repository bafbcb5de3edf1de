using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.EndToEnd.Tests.Chaos;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>The audit database's disk runs full under load. Needs root on Linux, to mount a small disk of its own.</summary>
public sealed class DiskFullTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [SkippableFact]
    public async Task FullDisk_RefusesAndSendsNothing_AndTheGatewayGoesOnWhenThereIsRoomAgain()
    {
        var disk = TestFolder.Create("full");
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs root on Linux to mount a small disk.");
        Skip.IfNot(await RunAsync("mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", disk), "This machine does not allow a mount.");
        LocalPostgresServer? server = null;
        try
        {
            server = await LocalPostgresServer.StartAsync(Path.Combine(disk, "pg"), NullLogger.Instance, CancellationToken.None);
            await using var chaos = await ChaosStack.StartAsync(options => options.ConnectionString = server.ConnectionString);
            Assert.Equal(HttpStatusCode.OK, (await chaos.AskAsync(chaos.Question())).Status);

            var ballast = Path.Combine(disk, "ballast");
            await FillAsync(ballast);
            var refused = await UntilAsync(chaos, HttpStatusCode.ServiceUnavailable);
            var sent = chaos.Gateway.Fleet.Received.Count;
            for (var i = 0; i < 10; i++)
            {
                refused = await chaos.AskAsync(chaos.Question());
                Assert.Equal((HttpStatusCode.ServiceUnavailable, "audit_unavailable"), (refused.Status, refused.ErrorCode));
            }

            Assert.Equal(sent, chaos.Gateway.Fleet.Received.Count);

            File.Delete(ballast);
            server = await RunningAsync(server, Path.Combine(disk, "pg"));
            await UntilAsync(chaos, HttpStatusCode.OK);
            await chaos.AssertPromisesAsync();
        }
        finally
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }

            Assert.True(await RunAsync("umount", disk), "The small disk is still mounted.");
            Directory.Delete(disk, recursive: true);
        }
    }

    /// <summary>PostgreSQL gives up when its journal cannot grow; whoever looks after it starts it again.</summary>
    private static async Task<LocalPostgresServer> RunningAsync(LocalPostgresServer server, string data)
    {
        if (LocalPostgresServer.FindRunning(data) is not null)
        {
            return server;
        }

        var again = await LocalPostgresServer.StartAsync(data, NullLogger.Instance, CancellationToken.None);
        await server.DisposeAsync();
        return again;
    }

    private static async Task<Reply> UntilAsync(ChaosStack chaos, HttpStatusCode status)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            var reply = await chaos.AskAsync(chaos.Question());
            if (reply.Status == status)
            {
                return reply;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task FillAsync(string file)
    {
        await using FileStream stream = new(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[1_048_576, 4_096])
        {
            try
            {
                while (true)
                {
                    await stream.WriteAsync(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Not one more of these.
            }
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
