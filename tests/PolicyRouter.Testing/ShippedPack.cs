namespace PolicyRouter.Testing;

/// <summary>The policy folder that ships, copied to be changed.</summary>
public static class ShippedPack
{
    /// <summary>Where it lies.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "policies");

    /// <summary>Copies its policy files into a folder, which is made; what lies there is overwritten.</summary>
    public static void CopyTo(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
