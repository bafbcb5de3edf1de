using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.LocalPostgres;

namespace PolicyRouter.Audit.Tests;

/// <summary>
/// What this assembly does when it is run by itself: own a private PostgreSQL until it is killed. The test that kills it starts
/// it; the test runner does not come here.
/// </summary>
internal static class Program
{
    public static async Task Main(string[] args)
    {
        await using var server = await LocalPostgresServer.StartAsync(args[0], NullLogger.Instance, CancellationToken.None);
        Console.WriteLine(server.ProcessId);
        Console.WriteLine(server.ConnectionString);
        await Console.In.ReadToEndAsync();
    }
}
