using System.CommandLine;
using PolicyRouter.Audit.Retention;

namespace PolicyRouter.Cli.Audit;

/// <summary>What the verbs share that say what is kept: one of them at a time, on one database.</summary>
internal static class KeepingVerb
{
    public static Option<string> Database() => new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };

    /// <param name="what">What the reason is for, in the description.</param>
    public static Option<string> Reason(string what)
    {
        Option<string> reason = new("--reason") { Description = $"{what} Recorded for ever: a reference, no names of the people concerned.", Required = true, HelpName = "TEXT" };
        reason.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && text.Length is 0 or > 500)
            {
                result.AddError("--reason has 1 to 500 characters.");
            }
        });
        return reason;
    }

    /// <summary>Opens the database, waits for the turn, acts.</summary>
    public static Task<int> RunAsync(string? named, TextWriter error, Func<AuditDatabase, Task<int>> act, CancellationToken cancellationToken) =>
        AuditVerb.RunAsync(named, error, async database =>
        {
            await using var turn = await RetentionTurn.TakeAsync(database.ConnectionString, cancellationToken);
            return await act(database);
        }, cancellationToken);
}
