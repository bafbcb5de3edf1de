using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Names of people where a label says that one follows: "Patient: John Smith", <c>"patient_name": "smith, john"</c>,
/// "my name is Ana de la Cruz", "Mrs. O'Neil". Names without such a label are not found here.
/// </summary>
internal static class PersonNameDetector
{
    private const int MaxWords = 5;
    private const int MaxWord = 31;

    /// <summary>Looks at <paramref name="start"/>; returns where the name ends, or <paramref name="start"/>.</summary>
    /// <param name="isWhole">True when the text is the value of a key: it is a name only from end to end.</param>
    public static int Detect(ref ScanContext context, int start, LabelKind kind, bool isWhole)
    {
        ReadOnlySpan<char> text = context.Text;
        bool isQuoted = isWhole || context.At(start - 1) is '"' or '\'';
        int at = SkipTitles(text, start);
        int nameStart = at;
        int end = at;
        int words = 0;
        while (words < MaxWords && at < text.Length)
        {
            int wordEnd = NameWords.End(text, at, MaxWord);
            ReadOnlySpan<char> word = text[at..wordEnd];
            bool isParticle = words > 0 && !word.IsEmpty && char.IsLower(word[0]) && NameWords.IsParticle(word);
            bool isName = !word.IsEmpty && !NameWords.IsNoName(word) && (char.IsUpper(word[0]) || (isQuoted && kind == LabelKind.Person));
            if (!isParticle && !isName)
            {
                break;
            }

            words++;
            end = isParticle ? end : wordEnd;
            at = NextWord(text, wordEnd, words);
            if (at < 0)
            {
                break;
            }
        }

        // A word that runs into digits, underscores or an '@' is an identifier or an address.
        char after = context.At(end);
        bool isCut = char.IsLetterOrDigit(after) || after is '_' or '@' or '/' || (after == ':' && !isQuoted)
            || (after == '.' && char.IsLetterOrDigit(context.At(end + 1)));
        bool endsValue = !isQuoted || (isWhole ? end == text.Length || text[end..].Trim().IsEmpty : after is '"' or '\'' or '\\');
        bool isEnough = words >= (kind == LabelKind.Name ? 2 : 1) && end - nameStart >= 2;
        if (!isEnough || isCut || !endsValue)
        {
            return start;
        }

        context.Add(nameStart, end, FindingType.PersonName, isQuoted || words > 1 ? Confidence.High : Confidence.Medium);
        return end;
    }

    private static int SkipTitles(ReadOnlySpan<char> text, int at)
    {
        int end = NameWords.End(text, at, MaxWord);
        if (!NameWords.IsTitle(text[at..end]))
        {
            return at;
        }

        while (end < text.Length && end - at < 8 && text[end] is '.' or ' ')
        {
            end++;
        }

        return end;
    }

    // One space; ", " once in "Smith, John"; ". " after an initial.
    private static int NextWord(ReadOnlySpan<char> text, int at, int words)
    {
        bool afterComma = words == 1 && at < text.Length && text[at] == ',';
        bool afterInitial = at < text.Length && text[at] == '.' && at > 1 && !char.IsLetter(text[at - 2]);
        int next = afterComma || afterInitial ? at + 1 : at;
        return next + 1 < text.Length && text[next] == ' ' && char.IsLetter(text[next + 1]) ? next + 1 : -1;
    }
}
