using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>Ages over 89 (45 CFR 164.514(b)(2)(i)(C)): "a 93-year-old", "91 y/o", "aged 102", "age: 90", "93-jährige", "93 ans", "93 jaar oud". Younger ones may stay.</summary>
internal static class AgeDetector
{
    private const int Youngest = 90;
    private const int Oldest = 125;

    private static readonly string[] After =
    [
        "-year-old", " year-old", " year old", " years old", " years of age", " yr old", "-yr-old", " y/o", "y/o", " yo", "yo", " y.o", " ans", " años", " jaar oud", "-jarige", " Jahre alt",
        .. from ending in (string[])["", "r", "n", "s"] from dash in (string[])["", "-", " "] select $"{dash}jährige{ending}",
    ];

    private static readonly string[] Before = ["age", "aged", "age of", "age is"];

    public static void Detect(ref ScanContext context, DigitGroup number)
    {
        ReadOnlySpan<char> text = context.Text;
        if (number.Length is not (2 or 3) || !context.StartsWord(number.Start)
            || int.Parse(text.Slice(number.Start, number.Length), System.Globalization.CultureInfo.InvariantCulture) is < Youngest or > Oldest)
        {
            return;
        }

        if (IsFollowed(context, number.End) || (context.EndsWord(number.End) && IsPreceded(context, number.Start)))
        {
            context.Add(number.Start, number.End, FindingType.Age, Confidence.High);
        }
    }

    private static bool IsFollowed(in ScanContext context, int end)
    {
        foreach (string words in After)
        {
            if (context.Text[end..].StartsWith(words, StringComparison.OrdinalIgnoreCase) && context.EndsWord(end + words.Length))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPreceded(in ScanContext context, int start)
    {
        ReadOnlySpan<char> before = context.Text[..start].TrimEnd(" :=\"");
        foreach (string words in Before)
        {
            if (before.EndsWith(words, StringComparison.OrdinalIgnoreCase) && context.StartsWord(before.Length - words.Length))
            {
                return true;
            }
        }

        return context.Key.Equals("age", StringComparison.OrdinalIgnoreCase);
    }
}
