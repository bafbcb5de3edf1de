using CsCheck;
using Microsoft.ML.Tokenizers;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Wire;

public sealed class TokenCountTests
{
    [Fact]
    public void Text_IsCountedAsTheEncodingOfOpenAIsModelsDoes()
    {
        Assert.Equal(0, TokenCount.Of(""));
        Assert.Equal(2, TokenCount.Of("hello world"));
        Assert.Equal(6, TokenCount.Of("tiktoken is great!"));
    }

    /// <summary>Quadratic work on any of them would take hours; the time limit is only there to end it.</summary>
    [Theory(Timeout = 120_000)]
    [InlineData("a")]
    [InlineData("aB")]
    [InlineData("zebrafish")]
    [InlineData("!")]
    [InlineData("!/")]
    [InlineData(" ")]
    [InlineData("\r\n")]
    [InlineData("\t ")]
    [InlineData("1")]
    [InlineData("\u4e2d\u6587")]
    [InlineData("a\u0301")]
    [InlineData("\ud83d\ude00")]
    [InlineData("\ud835\udc82a")]
    [InlineData("\ud835\udfd8")]
    [InlineData("U2FsdGVkX1")]
    public Task RunOfAMillionCharacters_IsCountedInLinearTime(string unit) => Task.Run(() =>
    {
        var some = Repeated(unit, 10_000);
        var many = Repeated(unit, 1_000_000);

        Assert.InRange(TokenCount.Of(many), TokenCount.Of(some) * 95, TokenCount.Of(some) * 105);
    });

    [Theory]
    [InlineData("a b")]
    [InlineData("The patient was seen on 2026-04-28, and discharged in the evening; ")]
    [InlineData("{\"name\":\"Jane\",\"mrn\":\"12345\"}, ")]
    public void TextWithSpaces_IsCountedAsAWhole(string unit)
    {
        var text = Repeated(unit, 20_000);

        Assert.Equal(TiktokenTokenizer.CreateForEncoding("o200k_base").CountTokens(text), TokenCount.Of(text));
    }

    /// <summary>Words are counted without dividing the text first; that changes no count.</summary>
    [Fact]
    public void WordByItself_IsCountedLikeAnyText()
    {
        var encoding = TiktokenTokenizer.CreateForEncoding("o200k_base");
        Gen.Select(Gen.OneOf<string>("", " ", "  ", "\n", "."), Gen.OneOf<string>("", "A", "H", "AB"), Gen.Char['a', 'z'].Array[0, 12], Gen.OneOf<string>("", "", "'s", "B", " ", "1", "é"))
            .Sample((before, first, rest, after) =>
            {
                var text = before + first + new string(rest) + after;
                Assert.Equal(encoding.CountTokens(text), TokenCount.Of(text));
            }, iter: 5_000);
    }

    [Theory]
    [InlineData("go home")]
    [InlineData("a \\ \"b\" \u00e9\ud83d\ude00\n")]
    [InlineData("")]
    public void TextInJson_IsCountedAsWhatItSays(string text)
    {
        var some = string.Concat(Enumerable.Repeat(text, 40));
        foreach (var one in (string[])[text, some])
        {
            using var document = System.Text.Json.JsonSerializer.SerializeToDocument(new { type = "text", content = new[] { one, one }, role = "assistant" });

            Assert.Equal(2 * TokenCount.Of(one), TokenCount.Of(document.RootElement));
        }
    }

    private static string Repeated(string unit, int length) => string.Concat(Enumerable.Repeat(unit, length / unit.Length));

    [Fact]
    public void Count_IsNeverMoreThanTheBytesOfTheText() =>
        Gen.String.Sample(static text => Assert.InRange(TokenCount.Of(text), 0, System.Text.Encoding.UTF8.GetByteCount(text)));
}
