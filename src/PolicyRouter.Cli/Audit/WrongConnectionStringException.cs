using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Cli.Audit;

/// <summary>A connection string that is none. Its parts are not repeated: it may hold a password.</summary>
internal sealed class WrongConnectionStringException() : Exception("The connection string is malformed. Write it like Host=db;Database=audit;Username=auditor.")
{
    /// <exception cref="WrongConnectionStringException">The text is none.</exception>
    public static string Require(string text) => AuditLogOptions.IsConnectionString(text) ? text : throw new WrongConnectionStringException();
}
