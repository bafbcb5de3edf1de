using System.Buffers;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>Digits written as English words, seven at least: "five three six, two two, one eight four seven", "oh" for zero.</summary>
internal static class SpelledDigitsDetector
{
    private const int MostSeparators = 3;
    private const int Most = 32;

    private static readonly string[] Names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh"];
    private static readonly SearchValues<string> Beginnings = SearchValues.Create(Names, StringComparison.OrdinalIgnoreCase);

    /// <summary>Searches the whole text.</summary>
    public static void Detect(ref ScanContext context)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = 0;
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(Beginnings);
            if (found < 0)
            {
                return;
            }

            at = Run(ref context, at + found);
        }
    }

    /// <summary>Reads words from here on; returns where to read on.</summary>
    private static int Run(ref ScanContext context, int start)
    {
        ReadOnlySpan<char> text = context.Text;
        Span<char> digits = stackalloc char[Most];
        int count = 0;
        int end = start;
        int at = start;
        while (count < Most && Word(context, at, out int wordEnd) is >= 0 and var digit)
        {
            digits[count++] = (char)('0' + (digit % 10));
            end = wordEnd;
            at = wordEnd;
            while (at < text.Length && at - wordEnd < MostSeparators && text[at] is ' ' or '-' or ',' or '.' or '\n')
            {
                at++;
            }
        }

        if (SpacedDigitsDetector.TypeOf(digits[..count]) is { } type)
        {
            context.Add(start, end, type, Confidence.Medium);
        }

        return Math.Max(end, start + 1);
    }

    /// <summary>Which of the names stands here as a whole word; -1 for none.</summary>
    private static int Word(in ScanContext context, int at, out int end)
    {
        end = at;
        if (!context.StartsWord(at))
        {
            return -1;
        }

        for (int i = 0; i < Names.Length; i++)
        {
            end = at + Names[i].Length;
            if (end <= context.Text.Length && context.Text[at..end].Equals(Names[i], StringComparison.OrdinalIgnoreCase) && context.EndsWord(end))
            {
                return i;
            }
        }

        return -1;
    }
}
