namespace PolicyRouter.Policies.Reading;

/// <summary>Where policy files lie. Names are relative, with forward slashes; the empty name is the policy folder itself.</summary>
internal interface IPolicyPlace
{
    /// <summary>The name of the policy folder for people.</summary>
    public string Name { get; }

    public bool HasFolder(string folder);

    /// <summary>Names of the files that lie directly in a folder, without it.</summary>
    public IEnumerable<string> FilesIn(string folder);

    /// <summary>Names of the folders that lie directly in a folder, without it.</summary>
    public IEnumerable<string> FoldersIn(string folder);

    public Stream Open(string file);
}
