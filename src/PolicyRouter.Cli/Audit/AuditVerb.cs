using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Projecting;

namespace PolicyRouter.Cli.Audit;

/// <summary>What every verb shares that needs the audit log: its database, and how the verb ends when something is missing.</summary>
internal static class AuditVerb
{
    /// <summary>Opens the database and does the work.</summary>
    /// <param name="named">The connection string of the command line; null for that of the environment, or the private database.</param>
    /// <returns>What the work returns, or as <see cref="EndAsync"/> says.</returns>
    public static Task<int> RunAsync(string? named, TextWriter error, Func<AuditDatabase, Task<int>> work, CancellationToken cancellationToken) => EndAsync(error, async () =>
    {
        await using var database = await AuditDatabase.OpenAsync(named, cancellationToken);
        return await work(database);
    });

    /// <returns>
    /// What the work returns; 2 for a connection string that is none, 3 when a file cannot be read or written, 4 when the database is away, takes no records, or is at work for somebody else.
    /// </returns>
    public static async Task<int> EndAsync(TextWriter error, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (WrongConnectionStringException failure)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.WrongUsage;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.InputNotLoaded;
        }
        catch (Exception failure) when (failure is AuditUnavailableException or RebuildRefusedException or LocalPostgresException)
        {
            await error.WriteLineAsync(failure.Message);
            return ExitCodes.ServiceUnavailable;
        }
    }
}
