using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Training;

/// <summary>
/// Trains the tagger: an averaged perceptron over hashed features. The same examples and the same seed give the same model, byte for byte.
/// </summary>
internal sealed class Trainer
{
    private readonly int _bits;
    private readonly Random _random;
    private readonly float[] _weights;
    private readonly float[] _totals;
    private readonly int[] _changed;
    private readonly ushort[] _seen;
    private int _step;

    public Trainer(int bits, int seed)
    {
        _bits = bits;
        _random = new Random(seed);
        _weights = new float[NameModel.Tags << bits];
        _totals = new float[NameModel.Tags << bits];
        _changed = new int[NameModel.Tags << bits];
        _seen = new ushort[1 << bits];
    }

    /// <param name="examples">All examples; reordered in place.</param>
    /// <param name="epochs">So many times over all of them.</param>
    /// <param name="minSeen">Features seen less often than this are left out.</param>
    /// <param name="report">Receives a line for each epoch.</param>
    public NameModel Train(Example[] examples, int epochs, int minSeen, Action<string> report)
    {
        Count(examples);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            _random.Shuffle(examples);
            long wrong = 0;
            long all = 0;
            foreach (Example example in examples)
            {
                wrong += Learn(Forgetful(example), minSeen);
                all += example.Tokens.Length;
            }

            report($"epoch {epoch}: {100.0 * wrong / all:0.00} % of {all} tokens wrong while learning");
        }

        return Averaged();
    }

    /// <summary>
    /// Some examples lose what the lists and the word itself say about their names, so that the tagger learns to go by the words around them as well.
    /// </summary>
    private Example Forgetful(Example example)
    {
        int die = _random.Next(10);
        if (die > 4)
        {
            return example;
        }

        Token[] tokens = [.. example.Tokens];
        for (int i = 0; i < tokens.Length; i++)
        {
            if (example.Tags[i] != NameTag.None && tokens[i].Word > char.MaxValue)
            {
                const WordLists OfNames = WordLists.Given | WordLists.Family | WordLists.OtherGiven | WordLists.OtherFamily | WordLists.Town;
                tokens[i] = tokens[i] with
                {
                    Word = die < 4 ? (uint)_random.Next(1 << 20, int.MaxValue) : tokens[i].Word,
                    Lists = die is 1 or 4 ? tokens[i].Lists & ~OfNames : tokens[i].Lists,
                };
            }
        }

        return example with { Tokens = tokens };
    }

    private void Count(Example[] examples)
    {
        Span<int> slots = stackalloc int[TagFeatures.OfToken];
        foreach (Example example in examples)
        {
            for (int i = 0; i < example.Tokens.Length; i++)
            {
                TagFeatures.Read(example.Tokens, i, _bits, slots);
                foreach (int slot in slots)
                {
                    _seen[slot] += (ushort)(_seen[slot] < ushort.MaxValue ? 1 : 0);
                }
            }
        }
    }

    private int Learn(Example example, int minSeen)
    {
        Span<int> slots = stackalloc int[TagFeatures.OfToken + TagFeatures.OfTags];
        Span<float> scores = stackalloc float[NameModel.Tags];
        ReadOnlySpan<Token> tokens = example.Tokens;
        NameTag before = NameTag.None;
        NameTag before2 = NameTag.None;
        int wrong = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            if (NameTagger.CanBeNoName(tokens[i].Shape))
            {
                (before2, before) = (before, NameTag.None);
                continue;
            }

            _step++;
            TagFeatures.Read(tokens, i, _bits, slots);
            TagFeatures.ReadTags(tokens, i, before, before2, _bits, slots[TagFeatures.OfToken..]);
            scores.Clear();
            for (int f = 0; f < slots.Length; f++)
            {
                int row = slots[f] * NameModel.Tags;
                for (int tag = 0; tag < NameModel.Tags; tag++)
                {
                    scores[tag] += _weights[row + tag];
                }
            }

            int guess = 0;
            for (int tag = 1; tag < NameModel.Tags; tag++)
            {
                guess = scores[tag] > scores[guess] ? tag : guess;
            }

            int right = (int)example.Tags[i];
            if (guess != right)
            {
                wrong++;
                for (int f = 0; f < slots.Length; f++)
                {
                    if (f >= TagFeatures.OfToken || _seen[slots[f]] >= minSeen)
                    {
                        Change((slots[f] * NameModel.Tags) + right, 1);
                        Change((slots[f] * NameModel.Tags) + guess, -1);
                    }
                }
            }

            // Follows its own guesses, as it will when it has to do without the answer.
            (before2, before) = (before, (NameTag)guess);
        }

        return wrong;
    }

    private void Change(int weight, float by)
    {
        _totals[weight] += (_step - _changed[weight]) * _weights[weight];
        _changed[weight] = _step;
        _weights[weight] += by;
    }

    /// <summary>The mean of the weights over all steps, in signed bytes: all but the thousandth with the largest values keep their proportions.</summary>
    private NameModel Averaged()
    {
        float[] averages = new float[_weights.Length];
        for (int i = 0; i < averages.Length; i++)
        {
            averages[i] = (_totals[i] + ((_step - _changed[i]) * _weights[i])) / _step;
        }

        float[] sizes = [.. averages.Where(static a => a != 0).Select(Math.Abs)];
        Array.Sort(sizes);
        float scale = sbyte.MaxValue / sizes[(int)(sizes.Length * 0.999)];
        return new NameModel(_bits, Array.ConvertAll(averages, a => (sbyte)Math.Clamp(MathF.Round(a * scale), -sbyte.MaxValue, sbyte.MaxValue)));
    }
}
