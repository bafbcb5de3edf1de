using System.Diagnostics;
using System.Globalization;

namespace PolicyRouter.Testing;

/// <summary>Folders for one run, outside homes: the account a private PostgreSQL runs under can enter them.</summary>
public static class TestFolder
{
    /// <summary>Creates an empty folder whose name says which process made it.</summary>
    public static string Create(string name)
    {
        var path = Path.Combine(Path.GetTempPath(), $"policyrouter-{name}-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Copies every file of a folder, and of those in it, into another, which is made.</summary>
    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Folders of this name whose process is gone: test runners end a process without letting it clean up.</summary>
    public static IEnumerable<string> Orphans(string name) =>
        Directory.EnumerateDirectories(Path.GetTempPath(), $"policyrouter-{name}-*-*").Where(static path =>
            int.TryParse(Path.GetFileName(path).Split('-')[^2], CultureInfo.InvariantCulture, out var process) && !IsRunning(process));

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
