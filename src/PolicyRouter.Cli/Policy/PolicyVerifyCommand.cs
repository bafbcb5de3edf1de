using System.CommandLine;
using PolicyRouter.Cli.Authorizing;
using PolicyRouter.Policies.Signing;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy verify DIR --key FILE</c>: checks the signature of a folder. Exit 0 when it holds, 1 when it does not, 3 when the folder or the key cannot
/// be loaded.
/// </summary>
internal static class PolicyVerifyCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        Option<string> key = new("--key") { Description = "The public key, a PEM file.", Required = true, HelpName = "FILE" };
        var json = PolicyLoading.JsonOption();
        Command command = new("verify", "Checks the signature of a policy folder.") { folder, key, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!, parsed.GetRequiredValue(key), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, string keyFile, bool json, TextWriter output, TextWriter error)
    {
        if (PolicyLoading.LoadOrReport(folder, error) is not { Snapshot.Version: var version })
        {
            return ExitCodes.InputNotLoaded;
        }

        return KeyFile.Use(keyFile, error, key =>
        {
            var fault = PolicySignature.FaultOf(folder, version, key);
            output.WriteLine(json
                ? JsonText.Write(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("policyVersion", version);
                    writer.WriteBoolean("verified", fault is null);
                    writer.WriteString("fault", fault);
                    writer.WriteEndObject();
                })
                : fault is null
                    ? $"The signature of key {PolicySignature.KeyIdOf(key)} holds for {version}."
                    : $"The signature does not hold for {version}: {fault}.");
            return fault is null ? ExitCodes.Good : ExitCodes.AnswerIsNo;
        });
    }
}
