using System.Globalization;
using PolicyRouter.Fuzz.Targets;
using PolicyRouter.Testing;

namespace PolicyRouter.Fuzz.Tests;

/// <summary>Everything the fuzzers ever found, every example, and inputs that chance makes of them: the same in each run.</summary>
public sealed class CorpusTests
{
    private const int Seed = 20_260_428;

    private static readonly string Corpus = Path.Combine(Repository.Root, "tests", "PolicyRouter.Fuzz", "Corpus");

    /// <summary>How many inputs are made of each target's corpus, by what one costs.</summary>
    private static readonly Dictionary<string, int> Mutations = new(StringComparer.Ordinal)
    {
        ["amazon-events"] = 1_000, ["body"] = 3_000, ["checkpoint"] = 3_000, ["cursor"] = 10_000, ["event"] = 5_000,
        ["export"] = 1_000, ["policy"] = 150, ["redactor"] = 1_000, ["search"] = 10_000, ["sse"] = 3_000,
    };

    public static TheoryData<string> Targets() => [.. FuzzTarget.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Corpus_BreaksNoPromise(string name)
    {
        var target = FuzzTarget.Named(name)!;
        Assert.All(Files(name), file => target.Run(File.ReadAllBytes(file)));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void InputsMadeOfTheCorpus_BreakNoPromise(string name)
    {
        var target = FuzzTarget.Named(name)!;
        Mutator mutator = new([.. Files(name).Select(File.ReadAllBytes)], Seed);
        for (var i = 0; i < Mutations[name]; i++)
        {
            var input = mutator.Next();
            var finding = Record.Exception(() => target.Run(input));
            Assert.True(finding is null, string.Create(CultureInfo.InvariantCulture, $"Input {i} of {name}, {Convert.ToBase64String(input)}: {finding}"));
        }
    }

    [Fact]
    public void SameSeed_MakesTheSameInputs()
    {
        byte[][] seeds = ["a search:1"u8.ToArray(), "another"u8.ToArray()];
        var (one, other) = (new Mutator(seeds, Seed), new Mutator(seeds, Seed));

        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.Equal(one.Next(), other.Next()));
    }

    [Fact]
    public void CheckpointsOfTheCorpus_AreTheSignedOnes() => Assert.Equal(
        [CheckpointTarget.Signed.Note, CheckpointTarget.Root.Note], new[] { "log", "root" }.Select(static file => File.ReadAllText(Path.Combine(Corpus, "checkpoint", file))));

    private static string[] Files(string name)
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Corpus, name)).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(files);
        return files;
    }
}
