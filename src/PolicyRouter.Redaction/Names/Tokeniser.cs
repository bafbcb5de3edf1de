using System.Buffers;

namespace PolicyRouter.Redaction.Names;

/// <summary>Divides a text into tokens. Takes time in proportion to the text.</summary>
internal static class Tokeniser
{
    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t\r\n\"<>");

    private const int LongestWord = 64;
    private const int LongestName = 32;
    private const int LongestAddress = 2_048;

    /// <summary>The tokens of a text in a rented array, which the caller gives back cleared.</summary>
    public static Token[] Read(ReadOnlySpan<char> text, out int count)
    {
        Token[] tokens = ArrayPool<Token>.Shared.Rent((text.Length / 4) + 16);
        bool hasAddresses = text.Contains('@') || text.Contains("://", StringComparison.Ordinal);
        count = 0;
        int line = 0;
        for (int at = 0; at < text.Length;)
        {
            if (text[at] is ' ' or '\t' or '\r' || (text[at] != '\n' && char.IsWhiteSpace(text[at])))
            {
                at++;
                continue;
            }

            if (count == tokens.Length)
            {
                tokens = Grow(tokens);
            }

            Token token = Next(text, at, hasAddresses);
            tokens[count++] = token;
            at = token.End;
            if (token.Shape == TokenShape.LineBreak)
            {
                MarkLine(tokens.AsSpan(line, count - line));
                line = count;
            }
        }

        MarkLine(tokens.AsSpan(line, count - line));
        return tokens;
    }

    /// <summary>Gives the array of <see cref="Read"/> back.</summary>
    public static void Return(Token[] tokens) => ArrayPool<Token>.Shared.Return(tokens, clearArray: true);

    private static Token[] Grow(Token[] tokens)
    {
        Token[] larger = ArrayPool<Token>.Shared.Rent(tokens.Length * 2);
        tokens.CopyTo(larger, 0);
        Return(tokens);
        return larger;
    }

    private static Token Next(ReadOnlySpan<char> text, int start, bool hasAddresses)
    {
        char first = text[start];
        if (!char.IsLetterOrDigit(first) && first != '_')
        {
            return new Token(start, 1, first, 0, 0, 0, SignOf(first), WordLists.None);
        }

        bool isChunk = hasAddresses && (start == 0 || char.IsWhiteSpace(text[start - 1]));
        if (isChunk && AddressEnd(text, start) is > 0 and var address)
        {
            return new Token(start, address - start, 0, 0, 0, 0, TokenShape.Address, WordLists.None);
        }

        int end = WordEnd(text, start);
        ReadOnlySpan<char> word = text[start..end];
        TokenShape shape = ShapeOf(word);
        if (shape is TokenShape.ShortNumber or TokenShape.LongNumber or TokenShape.Identifier)
        {
            return new Token(start, word.Length, (uint)word.Length, 0, 0, 0, shape, WordLists.None);
        }

        ulong hash = WordHash.Of(word);
        return new Token(
            start,
            word.Length,
            Token.Short(hash),
            Token.HashOf(word[..Math.Min(3, word.Length)]),
            Token.HashOf(word[^Math.Min(2, word.Length)..]),
            Token.HashOf(word[^Math.Min(3, word.Length)..]),
            shape,
            ListsOf(word, hash));
    }

    /// <summary>A double-barrelled name stands in the lists of its parts.</summary>
    private static WordLists ListsOf(ReadOnlySpan<char> word, ulong hash)
    {
        WordLists lists = Gazetteer.Of(hash);
        int hyphen = word.IndexOf('-');
        return lists != WordLists.None || hyphen < 0 ? lists : Gazetteer.Of(WordHash.Of(word[..hyphen])) | Gazetteer.Of(WordHash.Of(word[(hyphen + 1)..]));
    }

    /// <summary>Letters, digits and underscores; hyphens and apostrophes between letters, but for a possessive.</summary>
    private static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        int end = start + 1;
        while (end < text.Length && end - start < LongestWord)
        {
            char c = text[end];
            bool isInner = c is '-' or '\'' or '\u2019' && char.IsLetter(text[end - 1]) && end + 1 < text.Length && char.IsLetter(text[end + 1]);
            if (!isInner && !char.IsLetterOrDigit(c) && c != '_')
            {
                break;
            }

            end++;
        }

        return end - start > 2 && text[end - 2] is '\'' or '\u2019' && text[end - 1] is 's' or 'S' ? end - 2 : end;
    }

    /// <summary>Where a URL or an e-mail address that begins here ends; 0 when there is none.</summary>
    private static int AddressEnd(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> rest = text[start..Math.Min(text.Length, start + LongestAddress)];
        int length = rest.IndexOfAny(Ends);
        ReadOnlySpan<char> chunk = length < 0 ? rest : rest[..length];
        int at = chunk.IndexOf('@');
        bool isAddress = chunk.Contains("://", StringComparison.Ordinal) || (at > 0 && at + 1 < chunk.Length && char.IsLetterOrDigit(chunk[at + 1]));
        return isAddress ? start + chunk.TrimEnd(".,;:!?)]'").Length : 0;
    }

    private static TokenShape ShapeOf(ReadOnlySpan<char> word)
    {
        int upper = 0;
        int lower = 0;
        int digits = 0;
        int inner = 0;
        foreach (char c in word)
        {
            if (char.IsAsciiLetterLower(c))
            {
                lower++;
            }
            else if (char.IsAsciiLetterUpper(c))
            {
                upper++;
            }
            else if (char.IsDigit(c) || c == '_')
            {
                digits++;
            }
            else if (c is '-' or '\'' or '\u2019')
            {
                inner++;
            }
            else
            {
                upper += char.IsUpper(c) ? 1 : 0;
                lower += char.IsLower(c) ? 1 : 0;
            }
        }

        return word.Length > LongestName ? TokenShape.Identifier
            : digits == word.Length ? (digits <= 2 ? TokenShape.ShortNumber : TokenShape.LongNumber)
            : digits > 0 ? TokenShape.Identifier
            : upper + lower == 0 ? TokenShape.Caseless
            : upper == 0 ? TokenShape.LowerCase
            : word.Length == 1 ? TokenShape.Initial
            : lower == 0 ? TokenShape.UpperCase
            : inner > 0 && char.IsUpper(word[0]) ? TokenShape.Compound
            : upper == 1 && char.IsUpper(word[0]) ? TokenShape.Capitalised
            : TokenShape.MixedCase;
    }

    private static TokenShape SignOf(char c) => c switch
    {
        '\n' => TokenShape.LineBreak,
        '.' or '!' or '?' => TokenShape.FullStop,
        ',' or ';' => TokenShape.Comma,
        ':' or '=' => TokenShape.Colon,
        '"' or '\'' or '\u2018' or '\u2019' or '\u201C' or '\u201D' or '\u00AB' or '\u00BB' => TokenShape.Quote,
        '(' or ')' or '[' or ']' or '{' or '}' or '<' or '>' => TokenShape.Bracket,
        '-' or '/' or '\u2013' or '\u2014' => TokenShape.Dash,
        _ => TokenShape.OtherSign,
    };

    private static void MarkLine(Span<Token> line)
    {
        int lower = 0;
        int capitalised = 0;
        int upper = 0;
        foreach (ref readonly Token token in line)
        {
            lower += token.Shape == TokenShape.LowerCase && token.Length > 3 ? 1 : 0;
            capitalised += token.Shape is TokenShape.Capitalised or TokenShape.Compound ? 1 : 0;
            upper += token.Shape == TokenShape.UpperCase ? 1 : 0;
        }

        LineCase lineCase = lower > 0 ? (capitalised + upper == 0 ? LineCase.LowerCase : LineCase.Sentence)
            : upper > capitalised && upper > 1 ? LineCase.UpperCase
            : capitalised > 0 ? LineCase.Title
            : LineCase.LowerCase;
        if (lineCase == LineCase.Sentence)
        {
            return;
        }

        foreach (ref Token token in line)
        {
            token = token with { Line = lineCase };
        }
    }
}
