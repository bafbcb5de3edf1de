using System.Globalization;
using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Training;

/// <summary>How a model does on examples it was not trained on, per tag and least margin.</summary>
internal static class Validation
{
    private static readonly int[] Margins = [0, 50, 100, 200, 300];

    public static IEnumerable<string> Lines(NameModel model, IReadOnlyList<Example> examples)
    {
        NameTagger tagger = new(model);
        foreach (NameTag tag in (NameTag[])[NameTag.Person, NameTag.Place, NameTag.Organisation])
        {
            foreach (int least in Margins)
            {
                int right = 0;
                int found = 0;
                int all = 0;
                foreach (Example example in examples)
                {
                    NameTag[] tags = new NameTag[example.Tokens.Length];
                    int[] margins = new int[tags.Length];
                    tagger.Tag(example.Tokens, tags, margins);
                    for (int i = 0; i < tags.Length; i++)
                    {
                        bool isFound = tags[i] == tag && margins[i] > least;
                        found += isFound ? 1 : 0;
                        all += example.Tags[i] == tag ? 1 : 0;
                        right += isFound && example.Tags[i] == tag ? 1 : 0;
                    }
                }

                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{tag}, margin above {least}: {100.0 * right / Math.Max(1, found):0.0} % of what is tagged is right, {100.0 * right / Math.Max(1, all):0.0} % of {all} found");
            }
        }
    }
}
