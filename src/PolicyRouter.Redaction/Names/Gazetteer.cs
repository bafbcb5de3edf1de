namespace PolicyRouter.Redaction.Names;

/// <summary>The word lists of this folder as one table, so that a word is looked up once. <c>README.md</c> beside it names their sources.</summary>
internal static class Gazetteer
{
    private static readonly Dictionary<ulong, WordLists> Table = Read();

    /// <summary>The lists that a word stands in.</summary>
    /// <param name="hash"><see cref="WordHash.Of"/> the word.</param>
    public static WordLists Of(ulong hash) => Table.GetValueOrDefault(hash);

    private static Dictionary<ulong, WordLists> Read()
    {
        Dictionary<ulong, WordLists> table = new(200_000);
        Add(table, "given-names.txt", WordLists.Given);
        Add(table, "family-names.txt", WordLists.Family);
        Add(table, "other-given-names.txt", WordLists.OtherGiven);
        Add(table, "other-family-names.txt", WordLists.OtherFamily);
        Add(table, "common-words.txt", WordLists.Word);
        Add(table, "foreign-words.txt", WordLists.OtherWord);
        Add(table, "cities.txt", WordLists.Town);
        Add(table, "terms.txt", WordLists.Term);
        Add(table, "clinical-terms.txt", WordLists.Clinical);
        return table;
    }

    private static void Add(Dictionary<ulong, WordLists> table, string file, WordLists list)
    {
        foreach (string line in EmbeddedList.Lines(file))
        {
            foreach (Range part in line.AsSpan().SplitAny(" -"))
            {
                ReadOnlySpan<char> word = line.AsSpan(part);
                if (word.Length > 1)
                {
                    ulong hash = WordHash.Of(word);
                    table[hash] = table.GetValueOrDefault(hash) | list;
                }
            }
        }
    }
}
