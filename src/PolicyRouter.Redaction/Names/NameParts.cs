namespace PolicyRouter.Redaction.Names;

/// <summary>
/// The words of a person's name by which the person is mentioned again ("Angela Kreiger" as "Kreiger"): capitalised, of four letters or more, and no word of any of the languages
/// that are known.
/// </summary>
internal ref struct NameParts(ReadOnlySpan<char> name)
{
    private const int MinLength = 4;
    private const int MaxLength = 32;
    private const int MostParts = 6;
    private readonly ReadOnlySpan<char> _name = name;
    private int _next;
    private int _parts;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly NameParts GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_next < _name.Length && _parts < MostParts)
        {
            int end = NameWords.End(_name, _next, MaxLength);
            ReadOnlySpan<char> part = _name[_next..end];
            _next = Math.Max(end, _next + 1);
            const WordLists OfWords = WordLists.Word | WordLists.OtherWord | WordLists.Term | WordLists.Town;
            if (part.Length >= MinLength && part.Length < _name.Length && char.IsUpper(part[0]) && (Gazetteer.Of(WordHash.Of(part)) & OfWords) == 0)
            {
                Current = part;
                _parts++;
                return true;
            }
        }

        return false;
    }
}
