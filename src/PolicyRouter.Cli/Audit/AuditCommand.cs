using System.CommandLine;
using PolicyRouter.Cli.Audit.Report;
using PolicyRouter.Cli.Audit.Sums;

namespace PolicyRouter.Cli.Audit;

/// <summary><c>policyrouter audit ...</c>: questions to the audit log.</summary>
internal static class AuditCommand
{
    internal static Command Create() => new("audit", "Reads, exports and verifies the audit log.")
    {
        AuditQueryCommand.Create(),
        AuditReportCommand.Create(),
        AuditUsageCommand.Create(),
        AuditDisclosuresCommand.Create(),
        AuditPolicyCommand.Create(),
        AuditExportCommand.Create(),
        AuditVerifyCommand.Create(),
        AuditPrepareCommand.Create(),
        AuditRebuildCommand.Create(),
        AuditRetireCommand.Create(),
        AuditHoldCommand.Create(),
        AuditEraseCommand.Create(),
    };
}
