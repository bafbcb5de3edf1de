namespace PolicyRouter.Redaction.Names;

/// <summary>The text files of this folder, which are part of the assembly.</summary>
internal static class EmbeddedList
{
    /// <summary>The lines of a file but for comments, which begin with <c>#</c>.</summary>
    /// <exception cref="InvalidOperationException">The assembly was built without the file.</exception>
    public static IEnumerable<string> Lines(string file)
    {
        using StreamReader reader = new(Open(file));
        while (reader.ReadLine() is { } line)
        {
            if (line is not ['#', ..])
            {
                yield return line;
            }
        }
    }

    /// <inheritdoc cref="Lines"/>
    public static Stream Open(string file) =>
        typeof(EmbeddedList).Assembly.GetManifestResourceStream($"PolicyRouter.Redaction.Names.{file}")
        ?? throw new InvalidOperationException($"{file} is not in the assembly.");
}
