using System.CommandLine;
using PolicyRouter.Policies.Schemas;

namespace PolicyRouter.Cli.Policy;

/// <summary><c>policy schema [DIR]</c>: writes the JSON Schemas of the policy files, by which editors complete and explain.</summary>
internal static class PolicySchemaCommand
{
    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        Command command = new("schema", $"Writes the JSON Schemas for editors into DIR/{PolicySchemas.Folder}.") { folder };
        command.SetAction(parsed => Run(parsed.GetValue(folder)!, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, TextWriter output, TextWriter error)
    {
        if (!Directory.Exists(folder))
        {
            error.WriteLine($"There is no folder {folder}.");
            return ExitCodes.InputNotLoaded;
        }

        try
        {
            var schemas = Directory.CreateDirectory(Path.Combine(folder, PolicySchemas.Folder)).FullName;
            foreach (var (name, content) in PolicySchemas.All)
            {
                File.WriteAllText(Path.Combine(schemas, name), content);
            }
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"The schemas cannot be written ({unwritable.GetType().Name}).");
            return ExitCodes.InputNotLoaded;
        }

        output.WriteLine($"{PolicySchemas.All.Count} schemas written to {Path.Combine(folder, PolicySchemas.Folder)}.");
        return ExitCodes.Good;
    }
}
