using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Training;

/// <summary>A text and what its parts are: spans in UTF-16 code units, in order and without overlaps.</summary>
internal sealed record Sentence(string Text, IReadOnlyList<(int Start, int Length, NameTag Tag)> Spans);

/// <summary>A text as the tagger sees it, with the tags it should give.</summary>
internal sealed record Example(Token[] Tokens, NameTag[] Tags)
{
    /// <summary>A token is part of whatever it overlaps.</summary>
    public static Example Of(Sentence sentence)
    {
        Token[] rented = Tokeniser.Read(sentence.Text, out int count);
        Token[] tokens = rented[..count];
        Tokeniser.Return(rented);
        NameTag[] tags = new NameTag[count];
        foreach ((int start, int length, NameTag tag) in sentence.Spans)
        {
            for (int i = 0; i < count; i++)
            {
                if (tokens[i].Start < start + length && tokens[i].End > start && !NameTagger.CanBeNoName(tokens[i].Shape))
                {
                    tags[i] = tag;
                }
            }
        }

        return new Example(tokens, tags);
    }
}
