using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Training;

namespace PolicyRouter.Redaction.Tests.Names;

/// <summary>The tagger's model: made in the same way every time, from a slice of the templates that takes a second.</summary>
public class NameModelTests
{
    private const int Bits = 14;

    [Fact]
    public void TheSameExamplesAndSeed_GiveTheSameModel_ByteForByte()
    {
        var first = Bytes(Train(seed: 1));

        Assert.Equal(first, Bytes(Train(seed: 1)));
        Assert.NotEqual(first, Bytes(Train(seed: 2)));
    }

    [Fact]
    public void WhatItLearns_HoldsForSentencesItHasNotSeen()
    {
        NameTagger tagger = new(Train(seed: 1));
        int right = 0;
        int all = 0;
        foreach (Example example in new Templates(99).Sentences(perTemplate: 1).Select(Example.Of))
        {
            NameTag[] tags = new NameTag[example.Tags.Length];
            tagger.Tag(example.Tokens, tags, new int[tags.Length]);
            for (int i = 0; i < tags.Length; i++)
            {
                all += example.Tags[i] == NameTag.Person ? 1 : 0;
                right += example.Tags[i] == NameTag.Person && tags[i] == NameTag.Person ? 1 : 0;
            }
        }

        Assert.True(right > 0.8 * all, $"{right} of {all} tokens of names found");
    }

    [Fact]
    public void AModelIsReadAsItWasWritten_AndAnythingElseIsRefused()
    {
        NameModel model = Train(seed: 1);
        byte[] bytes = Bytes(model);

        Assert.Equal(bytes, Bytes(NameModel.Read(new MemoryStream(bytes))));
        Assert.ThrowsAny<Exception>(() => NameModel.Read(new MemoryStream(bytes[..(bytes.Length / 2)])));
        using MemoryStream other = new();
        using (System.IO.Compression.BrotliStream encoder = new(other, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            encoder.Write("something else entirely"u8);
        }

        Assert.Throws<InvalidDataException>(() => NameModel.Read(new MemoryStream(other.ToArray())));
    }

    [Fact]
    public void HeldOutNames_StandInNoList()
    {
        string[] listed = [.. EmbeddedList.Lines("other-given-names.txt"), .. EmbeddedList.Lines("other-family-names.txt")];

        Assert.NotEmpty(listed);
        Assert.DoesNotContain(listed, static name => HeldOutNames.Includes(name));
    }

    [Theory]
    [InlineData("José", "JOSE")]
    [InlineData("Łukasz", "lukasz")]
    [InlineData("Nguyễn", "nguyen")]
    [InlineData("O\u2019Neil", "o'neil")]
    [InlineData("Ștefan", "stefan")]
    public void AWord_IsTheSame_WhateverItsCaseAndAccents(string one, string other) => Assert.Equal(WordHash.Of(one), WordHash.Of(other));

    private static NameModel Train(int seed) =>
        new Trainer(Bits, seed).Train([.. new Templates(seed: 7).Sentences(perTemplate: 2).Select(Example.Of)], epochs: 2, minSeen: 1, static _ => { });

    private static byte[] Bytes(NameModel model)
    {
        using MemoryStream stream = new();
        model.Write(stream);
        return stream.ToArray();
    }
}
