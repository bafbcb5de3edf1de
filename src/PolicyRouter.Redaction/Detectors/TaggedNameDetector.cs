using System.Buffers;
using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Names of people, towns and organisations without a label, by the words around them, how they are written and the lists they stand in: what the
/// <see cref="NameTagger"/> says, trimmed to what a name can be. Countries and states of the United States are left alone, as Safe Harbor leaves them
/// (45 CFR 164.514(b)(2)(i)(B)).
/// </summary>
internal static class TaggedNameDetector
{
    // By so much a tag must beat "no name", summed up over the features; from the development split.
    private const int Certain = 250;

    // Tokens of one name, signs included; what goes on longer is a list of names.
    private const int LongestName = 12;

    private const WordLists OfPeople = NameWords.OfPeople;

    /// <summary>Searches the whole text.</summary>
    public static void Detect(ref ScanContext context, ReadOnlySpan<Token> tokens)
    {
        int count = tokens.Length;
        NameTag[] tags = ArrayPool<NameTag>.Shared.Rent(count);
        int[] margins = ArrayPool<int>.Shared.Rent(count);
        NameTagger.Shipped.Tag(tokens, tags.AsSpan(0, count), margins.AsSpan(0, count));
        Join(tokens, tags.AsSpan(0, count));
        for (int at = 0; at < count;)
        {
            if ((tokens[at].Lists & WordLists.Clinical) != 0)
            {
                context.Add(tokens[at].Start, tokens[at].End, FindingType.ClinicalTerm, Confidence.Medium);
            }

            int end = at + 1;
            if (tags[at] != NameTag.None && !NameWords.IsOrdinary(tokens[at]))
            {
                while (end < count && end - at < LongestName && tags[end] == tags[at] && !EndsSentence(tokens[end - 1], end > 1 ? tokens[end - 2] : default) && !NameWords.IsOrdinary(tokens[end]))
                {
                    end++;
                }

                bool startsSentence = at == 0 || tokens[at - 1].Shape is TokenShape.FullStop or TokenShape.LineBreak;
                Add(ref context, tokens[at..end], tags[at], margins.AsSpan(at, end - at), startsSentence);
            }

            at = end;
        }

        ArrayPool<NameTag>.Shared.Return(tags);
        ArrayPool<int>.Shared.Return(margins);
    }

    /// <summary>A capitalised name of the lists that is no word belongs to the person's name right beside it: "Maria" before "Elena Lopez".</summary>
    private static void Join(ReadOnlySpan<Token> tokens, Span<NameTag> tags)
    {
        for (int i = 1; i < tokens.Length; i++)
        {
            if (tags[i - 1] == NameTag.Person && tokens[i].Start == tokens[i - 1].End + 1 && IsListedName(tokens[i]))
            {
                tags[i] = NameTag.Person;
            }
        }

        for (int i = tokens.Length - 1; i > 0; i--)
        {
            if (tags[i] == NameTag.Person && tokens[i].Start == tokens[i - 1].End + 1 && IsListedName(tokens[i - 1]))
            {
                tags[i - 1] = NameTag.Person;
            }
        }
    }

    private static bool IsListedName(in Token token) =>
        token.Shape is TokenShape.Capitalised or TokenShape.Compound && (token.Lists & OfPeople) != 0 && (token.Lists & (WordLists.Word | WordLists.OtherWord | WordLists.Term)) == 0;

    private static void Add(ref ScanContext context, ReadOnlySpan<Token> tokens, NameTag tag, ReadOnlySpan<int> margins, bool startsSentence)
    {
        // "Later John Smith": the capital is the sentence's.
        int first = startsSentence && tag == NameTag.Person && tokens.Length > 1 && (tokens[0].Lists & OfPeople) == 0 && (tokens[0].Lists & (WordLists.Word | WordLists.OtherWord)) != 0 ? 1 : 0;
        while (first < tokens.Length && (!IsWord(tokens[first]) || NameWords.IsTitle(context.Text.Slice(tokens[first].Start, tokens[first].Length))))
        {
            first++;
        }

        int last = tokens.Length - 1;
        while (last > first && !IsWord(tokens[last]))
        {
            last--;
        }

        if (first > last)
        {
            return;
        }

        tokens = tokens[first..(last + 1)];
        int margin = int.MinValue;
        foreach (int one in margins[first..(last + 1)])
        {
            margin = Math.Max(margin, one);
        }

        ReadOnlySpan<char> name = context.Text[tokens[0].Start..tokens[^1].End];
        bool isName = !AllIn(tokens, WordLists.Term) && tag switch
        {
            NameTag.Person => IsPerson(tokens, margin),
            NameTag.Place => IsPlace(tokens, margin) && !Regions.IsStateOrCountry(name),
            _ => IsOrganisation(tokens, margin),
        };
        if (isName)
        {
            context.Add(tokens[0].Start, tokens[^1].End, TypeOf(tag), margin >= Certain ? Confidence.Medium : Confidence.Low);
        }
    }

    /// <summary>A full stop that is not that of an initial or of an abbreviation such as "St."</summary>
    private static bool EndsSentence(in Token token, in Token before) =>
        token.Shape == TokenShape.FullStop && (before.Length > 2 || before.Shape is not (TokenShape.Initial or TokenShape.Capitalised));

    /// <summary>One word that no list of names has is a name only when the tagger is certain and it is no English word or code.</summary>
    private static bool IsPerson(ReadOnlySpan<Token> tokens, int margin)
    {
        if (tokens.Length > 1)
        {
            bool isLowerCase = tokens[0].Shape == TokenShape.LowerCase;
            return HasLetters(tokens) && (AnyName(tokens) || (margin >= Certain && (isLowerCase ? AllIn(tokens, OfPeople) && AnyIn(tokens, WordLists.Given | WordLists.OtherGiven) : !AllIn(tokens, WordLists.Word))));
        }

        Token word = tokens[0];
        return word.Length > 1 && (word.Shape switch
        {
            TokenShape.Capitalised or TokenShape.Compound => (word.Lists & OfPeople) != 0 || (margin >= Certain && (word.Lists & WordLists.Word) == 0),
            TokenShape.MixedCase or TokenShape.UpperCase => (word.Lists & OfPeople) != 0 && (word.Lists & WordLists.Word) == 0,
            TokenShape.LowerCase => (word.Lists & OfPeople) != 0 && (word.Lists & WordLists.Word) == 0 && margin >= Certain,
            _ => margin >= Certain,
        });
    }

    private static bool IsPlace(ReadOnlySpan<Token> tokens, int margin) =>
        HasLetters(tokens) && (AnyIn(tokens, WordLists.Town) || (margin >= Certain && tokens[0].Shape is TokenShape.Capitalised or TokenShape.Compound && (tokens[0].Lists & WordLists.Word) == 0));

    /// <summary>Of two words or more, unless the tagger is certain of a capitalised one.</summary>
    private static bool IsOrganisation(ReadOnlySpan<Token> tokens, int margin) =>
        HasLetters(tokens) && (tokens.Length > 1 || (margin >= Certain && tokens[0].Shape is TokenShape.Capitalised or TokenShape.Compound && (tokens[0].Lists & WordLists.Word) == 0));

    private static bool HasLetters(ReadOnlySpan<Token> tokens)
    {
        foreach (ref readonly Token token in tokens)
        {
            if (IsWord(token) && token.Length > 1)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every word stands in one of the lists.</summary>
    private static bool AllIn(ReadOnlySpan<Token> tokens, WordLists lists)
    {
        foreach (ref readonly Token token in tokens)
        {
            if (IsWord(token) && (token.Lists & lists) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A name of a list, in lower case only one that is no English word.</summary>
    private static bool AnyName(ReadOnlySpan<Token> tokens)
    {
        foreach (ref readonly Token token in tokens)
        {
            if ((token.Lists & OfPeople) != 0 && (token.Shape != TokenShape.LowerCase || (token.Lists & WordLists.Word) == 0))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AnyIn(ReadOnlySpan<Token> tokens, WordLists lists)
    {
        foreach (ref readonly Token token in tokens)
        {
            if ((token.Lists & lists) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static FindingType TypeOf(NameTag tag) => tag switch
    {
        NameTag.Person => FindingType.PersonName,
        NameTag.Place => FindingType.Locality,
        _ => FindingType.Organization,
    };

    private static bool IsWord(in Token token) =>
        token.Shape is TokenShape.LowerCase or TokenShape.Capitalised or TokenShape.UpperCase or TokenShape.Initial or TokenShape.MixedCase or TokenShape.Compound or TokenShape.Caseless;
}
