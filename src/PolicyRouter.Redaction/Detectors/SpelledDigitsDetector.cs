using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Digits written as words, seven at least: "five three six, two two, one eight four seven", "oh" for zero; in English, Spanish, German, French, Italian, Portuguese,
/// Dutch and Polish.
/// </summary>
internal static class SpelledDigitsDetector
{
    private const int Most = 32;
    private const int MostSigns = 2;

    private static readonly Dictionary<uint, char> Words = Read(
        "zero oh nula null nul cero zéro",
        "one uno una eins ein un une um uma een één jeden",
        "two dos zwei zwo deux due dois duas twee dwa",
        "three tres drei trois tre três drie trzy",
        "four cuatro vier quatre quattro quatro cztery",
        "five cinco fünf cinq cinque vijf pięć",
        "six seis sechs sei meia zes sześć",
        "seven siete sieben sept sette sete zeven siedem",
        "eight ocho acht huit otto oito osiem",
        "nine nueve neun neuf nove negen dziewięć");

    /// <summary>Searches the whole text.</summary>
    public static void Detect(ref ScanContext context, ReadOnlySpan<Token> tokens)
    {
        for (int at = 0; at < tokens.Length;)
        {
            at = Run(ref context, tokens, at);
        }
    }

    /// <summary>Reads words from here on, with at most two signs between each and the next; returns where to read on.</summary>
    private static int Run(ref ScanContext context, ReadOnlySpan<Token> tokens, int start)
    {
        Span<char> digits = stackalloc char[Most];
        int count = 0;
        int last = start;
        for (int at = start; at < tokens.Length && count < Most && at - last <= MostSigns + 1; at++)
        {
            int more = Read(context.Text, tokens[at], digits[count..]);
            if (more > 0)
            {
                count += more;
                last = at;
            }
            else if (tokens[at].Shape is not (TokenShape.Comma or TokenShape.FullStop or TokenShape.Dash or TokenShape.LineBreak))
            {
                break;
            }
        }

        if (count > 0 && SpacedDigitsDetector.TypeOf(digits[..count]) is { } type)
        {
            context.Add(tokens[start].Start, tokens[last].End, type, Confidence.Medium);
        }

        return last + 1;
    }

    /// <summary>The digits of a word, or of several with dashes between; how many, or 0 when any of them is none.</summary>
    private static int Read(ReadOnlySpan<char> text, in Token token, Span<char> digits)
    {
        if (token.Shape is not (TokenShape.LowerCase or TokenShape.Capitalised or TokenShape.UpperCase or TokenShape.MixedCase or TokenShape.Compound))
        {
            return 0;
        }

        ReadOnlySpan<char> word = text.Slice(token.Start, token.Length);
        if (!word.Contains('-'))
        {
            return !digits.IsEmpty && Words.TryGetValue(token.Word, out digits[0]) ? 1 : 0;
        }

        int count = 0;
        foreach (Range part in word.Split('-'))
        {
            if (count == digits.Length || !Words.TryGetValue(Token.HashOf(word[part]), out digits[count]))
            {
                return 0;
            }

            count++;
        }

        return count;
    }

    private static Dictionary<uint, char> Read(params ReadOnlySpan<string> words)
    {
        Dictionary<uint, char> digits = [];
        for (int digit = 0; digit < words.Length; digit++)
        {
            foreach (string word in words[digit].Split(' '))
            {
                digits.TryAdd(Token.HashOf(word), (char)('0' + digit));
            }
        }

        return digits;
    }
}
