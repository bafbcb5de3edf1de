using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// Further mentions of values that only their label gave away: "Patient: John Smith ... John Smith was admitted". Whole words,
/// same spelling.
/// </summary>
internal static class RepeatedMentions
{
    /// <summary>
    /// Values that are looked for one by one, each in a vectorised pass over the text; more of them, or longer ones, are looked for together (<see cref="MentionSearch"/>).
    /// </summary>
    public const int MostPasses = 64;

    /// <summary>In characters. A pass over a text of many beginnings of a longer value would take time in proportion to both.</summary>
    public const int LongestInPasses = 256;

    private const int MinLength = 5;
    private const int MinSecret = 8;

    /// <summary>Adds mentions of the values found from index <paramref name="first"/> on, and resolves overlaps again.</summary>
    public static void Add(List<Finding> findings, int first, ReadOnlySpan<char> text)
    {
        int found = findings.Count;
        if (NeedsSearch(findings, first))
        {
            using KnownValues known = new();
            known.Learn(text, findings, first);
            known.AddMentions(text, findings, first);
            return;
        }

        for (int i = first; i < found; i++)
        {
            if (IsFollowed(findings[i]) && IsFirst(findings, first, i, text))
            {
                ReadOnlySpan<char> value = text.Slice(findings[i].Start, findings[i].Length);
                AddOf(findings, findings[i], value, text);
                if (findings[i].Type == FindingType.PersonName)
                {
                    AddParts(findings, findings[i], value, text);
                }
            }
        }

        if (findings.Count > found)
        {
            FindingResolver.Resolve(findings, first, text);
        }
    }

    /// <summary>Adds the mentions of a person by a part of the name.</summary>
    private static void AddParts(List<Finding> findings, Finding whole, ReadOnlySpan<char> name, ReadOnlySpan<char> text)
    {
        foreach (ReadOnlySpan<char> part in new NameParts(name))
        {
            AddOf(findings, whole with { Start = -1, Length = part.Length }, part, text);
        }
    }

    /// <summary>Adds every mention of one value but the finding itself.</summary>
    public static void AddOf(List<Finding> findings, Finding known, ReadOnlySpan<char> value, ReadOnlySpan<char> text, StringComparison comparison = StringComparison.Ordinal)
    {
        int at = 0;
        while (at <= text.Length - value.Length)
        {
            int next = text[at..].IndexOf(value, comparison);
            if (next < 0)
            {
                return;
            }

            int start = at + next;
            int end = start + value.Length;
            at = end;
            if (start != known.Start && !DividesWord(text, start) && !DividesWord(text, end))
            {
                findings.Add(known with { Start = start });
            }
        }
    }

    /// <summary>
    /// True for values without a shape of their own, so that a mention without the label would be missed, unless they are so short
    /// that they could be ordinary words.
    /// </summary>
    public static bool IsFollowed(Finding finding) =>
        finding.Type switch
        {
            FindingType.Secret => finding.Length >= MinSecret,
            FindingType.PersonName or FindingType.MedicalRecordNumber or FindingType.HealthPlanNumber or FindingType.BankAccount
                or FindingType.OtherIdentifier or FindingType.UsSsn or FindingType.UsBankRouting => finding.Length >= MinLength,
            _ => false,
        };

    /// <summary>True when a place has a letter, digit or underscore on both sides.</summary>
    private static bool DividesWord(ReadOnlySpan<char> text, int at) =>
        at > 0 && at < text.Length && ScanContext.IsWordCharacter(text[at - 1]) && ScanContext.IsWordCharacter(text[at]);

    private static bool NeedsSearch(List<Finding> findings, int first)
    {
        int followed = 0;
        for (int i = first; i < findings.Count; i++)
        {
            if (IsFollowed(findings[i]) && (++followed > MostPasses || findings[i].Length > LongestInPasses))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFirst(List<Finding> findings, int first, int index, ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> value = text.Slice(findings[index].Start, findings[index].Length);
        for (int i = first; i < index; i++)
        {
            if (value.SequenceEqual(text.Slice(findings[i].Start, findings[i].Length)))
            {
                return false;
            }
        }

        return true;
    }
}
