using System.CommandLine;

namespace PolicyRouter.Cli.Policy;

/// <summary><c>policyrouter policy ...</c>: everything about a policy folder that needs no gateway.</summary>
internal static class PolicyCommand
{
    internal static Command Create() => new("policy", "Checks a policy folder and asks it questions.")
    {
        PolicyCheckCommand.Create(),
        PolicyExplainCommand.Create(),
        PolicyDecideCommand.Create(),
        PolicyTestCommand.Create(),
        PolicyProveCommand.Create(),
        PolicyDiffCommand.Create(),
        PolicyReplayCommand.Create(),
        PolicyCalendarCommand.Create(),
        PolicyResilienceCommand.Create(),
        PolicyPrintCommand.Create(),
        PolicySchemaCommand.Create(),
        PolicySignCommand.Create(),
        PolicyVerifyCommand.Create(),
    };
}
