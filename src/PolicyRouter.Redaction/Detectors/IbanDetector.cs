using PolicyRouter.Redaction.Checksums;
using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>IBANs, in one run or in groups divided by single spaces or dashes. A line may end inside one whose check digits are right.</summary>
internal static class IbanDetector
{
    private const int LongestBreak = 10;

    /// <summary>Looks at the token whose first digit is at <paramref name="digit"/>: two letters before it, one more digit after.</summary>
    public static void Detect(ref ScanContext context, int digit)
    {
        ReadOnlySpan<char> text = context.Text;
        int start = digit - 2;
        if (start < 0 || !char.IsAsciiDigit(context.At(digit + 1)) || !char.IsAsciiLetter(text[start]) || !char.IsAsciiLetter(text[start + 1])
            || !context.StartsWord(start))
        {
            return;
        }

        int length = Iban.LengthOf(text[start], text[start + 1]);
        if (length == 0)
        {
            return;
        }

        Span<char> compact = stackalloc char[Iban.MaxLength];
        int count = 0;
        int at = start;
        bool isBroken = false;
        while (count < length && at < text.Length)
        {
            char c = text[at];
            if (char.IsAsciiLetterOrDigit(c))
            {
                compact[count++] = c;
            }
            else if (!isBroken && LineBreak(text[at..]) is > 0 and var lineBreak)
            {
                isBroken = true;
                at += lineBreak;
                continue;
            }
            else if (c is not (' ' or '-') || !char.IsAsciiLetterOrDigit(context.At(at + 1)))
            {
                return;
            }

            at++;
        }

        if (count == length && context.EndsWord(at)
            && (Iban.IsValid(compact[..count]) || (!isBroken && LabelReader.Before(text, start, context.Key).Kind == LabelKind.Iban)))
        {
            context.Add(start, at, FindingType.Iban, Confidence.High);
        }
    }

    /// <summary>How long the end of the line is with the spaces around it; 0 when the text does not begin with one.</summary>
    private static int LineBreak(ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && end < LongestBreak && text[end] is ' ' or '\r' or '\n')
        {
            end++;
        }

        return text[..end].Count('\n') == 1 ? end : 0;
    }
}
