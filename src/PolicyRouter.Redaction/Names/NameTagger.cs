namespace PolicyRouter.Redaction.Names;

/// <summary>
/// Tags the tokens of a text as parts of names of people, places and organisations: an averaged perceptron that goes from left to right and never back.
/// Stateless and safe for use by many threads.
/// </summary>
/// <remarks>
/// Ordinary words are not asked about: they are most of a text, and no part of a name whatever their tag.
/// M. Collins, "Discriminative Training Methods for Hidden Markov Models", EMNLP 2002, with greedy instead of exact search.
/// </remarks>
internal sealed class NameTagger(NameModel model)
{
    /// <summary>The tagger with the model of this build.</summary>
    public static NameTagger Shipped { get; } = new(NameModel.Shipped);

    /// <param name="tokens">The tokens of one text.</param>
    /// <param name="tags">Receives their tags.</param>
    /// <param name="margins">Receives by how much each tag beat <see cref="NameTag.None"/>, or by how little none beat the best one (then negative).</param>
    public void Tag(ReadOnlySpan<Token> tokens, Span<NameTag> tags, Span<int> margins)
    {
        Span<int> ofToken = stackalloc int[TagFeatures.OfToken];
        Span<int> ofTags = stackalloc int[TagFeatures.OfTags];
        Span<int> scores = stackalloc int[NameModel.Tags];
        for (int i = 0; i < tokens.Length; i++)
        {
            if (CanBeNoName(tokens[i].Shape) || NameWords.IsOrdinary(tokens[i]))
            {
                (tags[i], margins[i]) = (NameTag.None, int.MinValue);
                continue;
            }

            scores.Clear();
            TagFeatures.Read(tokens, i, model.Bits, ofToken);
            TagFeatures.ReadTags(tokens, i, i > 0 ? tags[i - 1] : NameTag.None, i > 1 ? tags[i - 2] : NameTag.None, model.Bits, ofTags);
            model.Add(ofToken, scores);
            model.Add(ofTags, scores);
            NameTag best = NameTag.Person;
            for (NameTag tag = NameTag.Place; tag <= NameTag.Organisation; tag++)
            {
                best = scores[(int)tag] > scores[(int)best] ? tag : best;
            }

            margins[i] = scores[(int)best] - scores[0];
            tags[i] = margins[i] > 0 ? best : NameTag.None;
        }
    }

    /// <summary>Line breaks, addresses and identifiers are no part of a name, whatever stands around them.</summary>
    public static bool CanBeNoName(TokenShape shape) =>
        shape is TokenShape.LineBreak or TokenShape.Address or TokenShape.Identifier or TokenShape.Bracket;
}
