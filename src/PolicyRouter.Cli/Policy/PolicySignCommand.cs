using System.CommandLine;
using PolicyRouter.Cli.Authorizing;
using PolicyRouter.Policies.Signing;

namespace PolicyRouter.Cli.Policy;

/// <summary><c>policy sign DIR --key FILE</c>: signs a whole folder that loads, in its file <c>policy.sig</c>. Exit 0 when signed, 3 when the folder or the key cannot be loaded.</summary>
internal static class PolicySignCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        Option<string> key = new("--key") { Description = "The P-256 private key of whoever stands behind the rules, a PEM file.", Required = true, HelpName = "FILE" };
        var json = PolicyLoading.JsonOption();
        Command command = new("sign", "Signs a policy folder as a whole.") { folder, key, json };
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
            var file = Path.Combine(folder, PolicySignature.FileName);
            var unfinished = file + ".new";
            // Whole or not at all: a gateway may be looking.
            File.WriteAllText(unfinished, PolicySignature.Sign(version, key));
            File.Move(unfinished, file, overwrite: true);
            output.WriteLine(json
                ? JsonText.Write(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("policyVersion", version);
                    writer.WriteString("keyId", PolicySignature.KeyIdOf(key));
                    writer.WriteString("file", file);
                    writer.WriteEndObject();
                })
                : $"Signed {version} with key {PolicySignature.KeyIdOf(key)}: {file}");
            return ExitCodes.Good;
        });
    }
}
