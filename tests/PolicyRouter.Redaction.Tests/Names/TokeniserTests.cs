using CsCheck;
using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Tests.Names;

public class TokeniserTests
{
    [Theory]
    [InlineData("Ann O'Neil's mail", "Capitalised:Ann Compound:O'Neil Quote:' LowerCase:s LowerCase:mail")]
    [InlineData("MRN 12 and A-12", "UpperCase:MRN ShortNumber:12 LowerCase:and Initial:A Dash:- ShortNumber:12")]
    [InlineData("see https://x.org/Ann, ann@x.org.", "LowerCase:see Address:https://x.org/Ann Comma:, Address:ann@x.org FullStop:.")]
    [InlineData("snake_case McDonald Smith-Jones", "Identifier:snake_case MixedCase:McDonald Compound:Smith-Jones")]
    public void Words_Numbers_Signs_AndAddresses(string text, string expected) => Assert.Equal(expected, string.Join(' ', Read(text).Select(token => $"{token.Shape}:{text.Substring(token.Start, token.Length)}")));

    [Theory]
    [InlineData("all of it is lower", "LowerCase")]
    [InlineData("ALL OF IT IS UPPER", "UpperCase")]
    [InlineData("Discharge Instructions", "Title")]
    [InlineData("The patient was seen", "Sentence")]
    public void ALine_HasACase(string text, string expected) => Assert.All(Read(text), token => Assert.Equal(expected, token.Line.ToString()));

    /// <summary>Whatever the text: tokens are in order, do not overlap, and leave out nothing but blanks.</summary>
    [Fact]
    public void Tokens_CoverEveryTextButItsBlanks() => Gen.String.Sample(static text =>
    {
        int at = 0;
        foreach (Token token in Read(text))
        {
            Assert.True(token.Start >= at && token.Length > 0);
            Assert.All(text[at..token.Start], static c => Assert.True(char.IsWhiteSpace(c)));
            at = token.End;
        }

        Assert.All(text[at..], static c => Assert.True(char.IsWhiteSpace(c)));
    });

    private static Token[] Read(string text)
    {
        Token[] rented = Tokeniser.Read(text, out int count);
        Token[] tokens = rented[..count];
        Tokeniser.Return(rented);
        return tokens;
    }
}
