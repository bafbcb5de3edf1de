using System.IO.Compression;
using System.Text;
using CsCheck;

namespace PolicyRouter.Redaction.Tests.Detectors;

/// <summary>Numbers written digit by digit, in words, over a line's end, and text in base64 or hexadecimal.</summary>
public class WrittenOtherwiseTests
{
    [Theory]
    [InlineData("it is 5 3 6 2 2 1 8 4 7, thanks", "UsSsn:5 3 6 2 2 1 8 4 7")]
    [InlineData("it is 5-3-6-2-2-1-8-4-7", "UsSsn:5-3-6-2-2-1-8-4-7")]
    [InlineData("call 2 1 2 5 5 5 0 1 4 7 now", "Phone:2 1 2 5 5 5 0 1 4 7")]
    [InlineData("no. 8 8 4 1 9 0 7", "OtherIdentifier:8 8 4 1 9 0 7")]
    [InlineData("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "PaymentCard:4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    [InlineData("she said five three six two two one eight four seven.", "UsSsn:five three six two two one eight four seven")]
    [InlineData("Five-three-six, two-two, one-eight-four-seven", "UsSsn:Five-three-six, two-two, one-eight-four-seven")]
    [InlineData("two one two five five five oh one four seven", "Phone:two one two five five five oh one four seven")]
    [InlineData("cinco tres seis dos dos uno ocho cuatro siete", "UsSsn:cinco tres seis dos dos uno ocho cuatro siete")]
    [InlineData("fünf drei sechs zwei zwei eins acht vier sieben", "UsSsn:fünf drei sechs zwei zwei eins acht vier sieben")]
    [InlineData("cinq, trois, six, deux, deux, un, huit, quatre, sept", "UsSsn:cinq, trois, six, deux, deux, un, huit, quatre, sept")]
    [InlineData("pięć trzy sześć dwa dwa jeden osiem cztery siedem", "UsSsn:pięć trzy sześć dwa dwa jeden osiem cztery siedem")]
    [InlineData("it is %2535%2533%2536-22-1847.", "UsSsn:%2535%2533%2536-22-1847")]
    [InlineData("it is &amp;#53;36-22-1847.", "UsSsn:&amp;#53;36-22-1847")]
    [InlineData("it is \\\\u0035\\\\u0033\\\\u0036-22-1847.", "UsSsn:\\\\u0035\\\\u0033\\\\u0036-22-1847")]
    [InlineData("it is =35=33=36=2D=32=32=2D=31=38=34=37.", "UsSsn:=35=33=36=2D=32=32=2D=31=38=34=37")]
    [InlineData("SSN is 536-22-\n1847.", "UsSsn:536-22-\n1847")]
    [InlineData("SSN is 536-22-\r\n    1847.", "UsSsn:536-22-\r\n    1847")]
    [InlineData("4111 1111\n1111 1111", "PaymentCard:4111 1111\n1111 1111")]
    public void ANumberWrittenOtherwise_IsFoundWhole(string text, string expected)
    {
        var (type, value) = (expected.Split(':', 2)[0], expected.Split(':', 2)[1]);

        var found = Assert.Single(Scan(text), finding => finding.Type.ToString() == type);
        Assert.Equal(value, text.Substring(found.Start, found.Length));
    }

    [Theory]
    [InlineData("count 1 2 3 4 5 6 7 8 9 down")]
    [InlineData("row 0 1 1 0 1 0 0 1 0 1")]
    [InlineData("steps 9 8 7 6 5 4 3 2 1")]
    [InlineData("one two three four five six seven, all good children go to heaven")]
    [InlineData("one of two or three, one at a time, no one else")]
    [InlineData("someone, none, often, weight, height, attention")]
    [InlineData("page 12-\nand then 13")]
    [InlineData("the years 2024\nand 2025")]
    [InlineData("commit 9fceb02d0ae598e95dc970b74767f19372d61af8")]
    [InlineData("id 0b7a3c52-6f1e-4d8a-9c3b-2f5e8d7c6b1a")]
    [InlineData("InternationalBusinessMachines and AntidisestablishmentarianismIsAWord")]
    [InlineData("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")]
    [InlineData("SGVsbG8sIHdvcmxkISBUaGlzIGlzIGhhcm1sZXNzLg==")]
    public void WhatIsNoNumberOfAnybody_IsLeftAlone(string text) => Assert.Empty(Scan(text));

    [Theory]
    [InlineData("Patient SSN 536-22-1847")]
    [InlineData("mail ana.kowalski@example.org please")]
    [InlineData("card 4111 1111 1111 1111 and MRN: 8841907")]
    public void EncodedText_IsFoundWhole_ByWhatIsInIt(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        string[] encoded =
        [
            Convert.ToBase64String(bytes), Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_').TrimEnd('='), Convert.ToHexString(bytes),
            Convert.ToHexStringLower(bytes),
        ];
        var kinds = Scan(secret).Select(static finding => finding.Type).ToHashSet();
        Assert.All(encoded, token =>
        {
            var findings = Scan($"Please decode {token} for me.");
            Assert.Equal(kinds.Order(), findings.Select(static finding => finding.Type).Order());
            Assert.Equal("Please decode ".Length, findings.Min(static finding => finding.Start));
            Assert.Equal("Please decode ".Length + token.Length, findings.Max(static finding => finding.End));
        });
    }

    [Fact]
    public void TextEncodedTwiceAndThrice_IsFound()
    {
        var token = "Patient SSN 536-22-1847";
        for (var layer = 0; layer < 3; layer++)
        {
            token = Convert.ToBase64String(Encoding.UTF8.GetBytes(token));
            Assert.Contains(Scan($"see {token}."), finding => finding.Type is FindingType.UsSsn && finding.Start == 4 && finding.End == 4 + token.Length);
        }
    }

    [Fact]
    public void WhatIsCompressed_CannotBeLookedInto_AndIsRemovedWhole()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write("Patient SSN 536-22-1847"u8);
        }

        var token = Convert.ToBase64String(packed.ToArray());
        var found = Assert.Single(Scan($"see {token}"));

        Assert.Equal((4, token.Length, FindingType.OtherIdentifier, Confidence.Low), (found.Start, found.Length, found.Type, found.Confidence));
    }

    /// <summary>Whatever stands around it and however long it is: a social security number in encoded text never comes through.</summary>
    [Fact]
    public void AnEncodedNumber_NeverSurvivesRedaction() => Gen.Select(Gen.String[Gen.Char['a', 'z'], 0, 40], Gen.String[Gen.Char['a', 'z'], 0, 40], Gen.Bool).Sample(
        static (before, after, isHexadecimal) =>
        {
            var bytes = Encoding.UTF8.GetBytes($"{before} 536-22-1847 {after}");
            var token = isHexadecimal ? Convert.ToHexString(bytes) : Convert.ToBase64String(bytes);
            var text = $"see {token}.";

            var findings = Scan(text);

            // Words around it may be taken for names or labels, whose kinds then have a part of the token each.
            Assert.Contains(findings, static finding => finding.Type is FindingType.UsSsn);
            Assert.True(findings.Sum(static finding => finding.Length) >= token.Length);
        },
        iter: 500);

    private static List<Finding> Scan(string text)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan(text, default, findings);
        return findings;
    }
}
