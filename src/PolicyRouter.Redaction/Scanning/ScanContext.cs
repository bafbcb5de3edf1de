namespace PolicyRouter.Redaction.Scanning;

/// <summary>One text while it is scanned: what detectors read, and where they put what they find.</summary>
internal ref struct ScanContext(ReadOnlySpan<char> text, ReadOnlySpan<char> key, List<Finding> findings)
{
    /// <summary>The canonical text.</summary>
    public ReadOnlySpan<char> Text { get; } = text;

    /// <summary>The JSON key or column the text stands under; may be empty.</summary>
    public ReadOnlySpan<char> Key { get; } = key;

    /// <summary>End of the last token that was read: its label was looked for, and it is not read again.</summary>
    public int TokenFloor { get; set; }

    /// <summary>End of the last labelled text or URL; neither is looked for again inside itself.</summary>
    public int LabelledEnd { get; set; }

    /// <summary>End of the last URL.</summary>
    public int UrlEnd { get; set; }

    /// <summary>The '@' that ends the user part of the last URL: it makes no e-mail address.</summary>
    public int UserPartEnd { get; set; } = -1;

    private readonly List<Finding> Findings { get; } = findings;

    public readonly void Add(int start, int end, FindingType type, Confidence confidence) =>
        Findings.Add(new Finding(start, end - start, type, confidence));

    /// <summary>True when one of the last few findings is of this type and starts here.</summary>
    public readonly bool HasJustFound(int start, FindingType type)
    {
        for (int i = Findings.Count - 1; i >= 0 && i >= Findings.Count - 4; i--)
        {
            if (Findings[i].Start == start && Findings[i].Type == type)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when one of the last few findings shares a character with this stretch.</summary>
    public readonly bool HasJustFoundIn(int start, int end)
    {
        for (int i = Findings.Count - 1; i >= 0 && i >= Findings.Count - 4; i--)
        {
            if (Findings[i].Start < end && Findings[i].End > start)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The character at a place, or NUL outside the text.</summary>
    public readonly char At(int index) => (uint)index < (uint)Text.Length ? Text[index] : '\0';

    /// <summary>True when no letter, digit or underscore touches the place from the left.</summary>
    public readonly bool StartsWord(int start) => start == 0 || !IsWordCharacter(Text[start - 1]);

    /// <summary>True when no letter, digit or underscore touches the place from the right.</summary>
    public readonly bool EndsWord(int end) => end >= Text.Length || !IsWordCharacter(Text[end]);

    public static bool IsWordCharacter(char c) => char.IsLetterOrDigit(c) || c == '_';
}
