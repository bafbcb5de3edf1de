using System.CommandLine;

namespace PolicyRouter.Cli.Audit;

/// <summary><c>policyrouter audit ...</c>: questions to the audit log.</summary>
internal static class AuditCommand
{
    internal static Command Create() => new("audit", "Reads, exports and verifies the audit log.")
    {
        AuditQueryCommand.Create(),
        AuditExportCommand.Create(),
        AuditVerifyCommand.Create(),
    };
}
