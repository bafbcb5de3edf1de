using System.CommandLine;
using PolicyRouter.Cli.Audit.Report;

namespace PolicyRouter.Cli.Audit;

/// <summary><c>policyrouter audit ...</c>: questions to the audit log.</summary>
internal static class AuditCommand
{
    internal static Command Create() => new("audit", "Reads, exports and verifies the audit log.")
    {
        AuditQueryCommand.Create(),
        AuditReportCommand.Create(),
        AuditExportCommand.Create(),
        AuditVerifyCommand.Create(),
        AuditPrepareCommand.Create(),
        AuditRetireCommand.Create(),
        AuditHoldCommand.Create(),
        AuditEraseCommand.Create(),
    };
}
