using System.Buffers;
using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// The few phrases that introduce a value without a colon or digit: "my name is", "Patient" before a name, "Mrs.", "the password
/// is", "Bearer", "www.", and the first line of a PEM block.
/// </summary>
internal static class PhraseDetector
{
    private const int LongestPassword = 64;

    private static readonly SearchValues<string> Phrases = SearchValues.Create(
        [
            "Bearer ", "bearer ", SecretDetector.PemBegin, "assword is ", "ame is ", "atient ", "Mr. ", "Mrs. ", "Ms. ", "Mr ", "Mrs ", "Ms ", "www.",
            .. ForeignLabels.Titles, .. ForeignLabels.Patients, .. ForeignLabels.Passwords,
        ],
        StringComparison.Ordinal);

    /// <summary>Searches the whole text.</summary>
    public static void Detect(ref ScanContext context)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = 0;
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(Phrases);
            if (found < 0)
            {
                return;
            }

            at = Math.Max(at + found + 1, At(ref context, at + found));
        }
    }

    // Returns where to read on.
    private static int At(ref ScanContext context, int start)
    {
        ReadOnlySpan<char> rest = context.Text[start..];
        if (Begins(rest, ForeignLabels.Titles) is > 0 and var title)
        {
            return context.StartsWord(start) ? PersonNameDetector.Detect(ref context, start + title, LabelKind.Person, isWhole: false) : start;
        }

        if (Begins(rest, ForeignLabels.Patients) is > 0 and var patient)
        {
            return Patient(ref context, start, patient);
        }

        if (Begins(rest, ForeignLabels.Passwords) is > 0 and var password)
        {
            return context.StartsWord(start - 1) ? Password(ref context, start + password) : start;
        }

        switch (rest[0])
        {
            case '-':
                return SecretDetector.PrivateKey(ref context, start);
            case 'B' or 'b':
                return SecretDetector.Token(ref context, start, start + "Bearer ".Length);
            case 'w':
                UrlDetector.DetectHost(ref context, start);
                return start;
            case 'a' when rest[1] == 't':
                return Patient(ref context, start, "atient ".Length);
            case 'M':
                return context.StartsWord(start) ? PersonNameDetector.Detect(ref context, start, LabelKind.Person, isWhole: false) : start;
            default:
                int value = start + rest.IndexOf(" is ", StringComparison.Ordinal) + " is ".Length;
                LabelledTextDetector.Value(ref context, LabelReader.Before(context.Text, value, default).Kind, value);
                return value;
        }
    }

    /// <summary>How long the phrase is that the text begins with; 0 for none of these.</summary>
    private static int Begins(ReadOnlySpan<char> text, IReadOnlyList<string> phrases)
    {
        for (int i = 0; i < phrases.Count; i++)
        {
            if (text.StartsWith(phrases[i], StringComparison.Ordinal))
            {
                return phrases[i].Length;
            }
        }

        return 0;
    }

    // Only with a digit or sign inside: "le mot de passe est incorrect" tells none, and this has no list of such words for each language.
    private static int Password(ref ScanContext context, int start)
    {
        ReadOnlySpan<char> rest = context.Text[start..Math.Min(context.Text.Length, start + LongestPassword)];
        int end = rest.IndexOfAny(" \t\r\n");
        foreach (char c in rest[..(end < 0 ? rest.Length : end)].Trim("\"'`.,;:!?"))
        {
            if (!char.IsLetter(c))
            {
                LabelledTextDetector.Value(ref context, LabelKind.Password, start + (rest[0] is '"' or '\'' or '`' ? 1 : 0));
                break;
            }
        }

        return start;
    }

    // "Patient John Smith" without a colon: two capitalised words, for "Patient Care" is no name.
    private static int Patient(ref ScanContext context, int start, int length)
    {
        int name = start + length;
        bool isWord = context.At(start - 1) is 'P' or 'p' && context.StartsWord(start - 1);
        return isWord ? PersonNameDetector.Detect(ref context, name, LabelKind.Name, isWhole: false) : start;
    }
}
