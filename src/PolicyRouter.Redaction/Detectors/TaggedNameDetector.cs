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
    private const int Certain = 220;

    /// <summary>Searches the whole text.</summary>
    public static void Detect(ref ScanContext context)
    {
        Token[] rented = Tokeniser.Read(context.Text, out int count);
        NameTag[] tags = ArrayPool<NameTag>.Shared.Rent(count);
        int[] margins = ArrayPool<int>.Shared.Rent(count);
        ReadOnlySpan<Token> tokens = rented.AsSpan(0, count);
        NameTagger.Shipped.Tag(tokens, tags.AsSpan(0, count), margins.AsSpan(0, count));
        for (int at = 0; at < count;)
        {
            int end = at + 1;
            if (tags[at] != NameTag.None)
            {
                while (end < count && tags[end] == tags[at])
                {
                    end++;
                }

                Add(ref context, tokens[at..end], tags[at], margins.AsSpan(at, end - at));
            }

            at = end;
        }

        Tokeniser.Return(rented);
        ArrayPool<NameTag>.Shared.Return(tags);
        ArrayPool<int>.Shared.Return(margins);
    }

    private static void Add(ref ScanContext context, ReadOnlySpan<Token> tokens, NameTag tag, ReadOnlySpan<int> margins)
    {
        int first = 0;
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

        int margin = 0;
        bool isEnough = false;
        for (int i = first; i <= last; i++)
        {
            margin = Math.Max(margin, margins[i]);
            isEnough |= IsWord(tokens[i]) && tokens[i].Length > 1;
        }

        ReadOnlySpan<char> name = context.Text[tokens[first].Start..tokens[last].End];
        if (isEnough && !(tag == NameTag.Place && Regions.IsStateOrCountry(name)))
        {
            context.Add(tokens[first].Start, tokens[last].End, TypeOf(tag), margin >= Certain ? Confidence.Medium : Confidence.Low);
        }
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
