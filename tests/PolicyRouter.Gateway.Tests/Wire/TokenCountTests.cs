using CsCheck;
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

    [Fact]
    public void Count_IsNeverMoreThanTheBytesOfTheText() =>
        Gen.String.Sample(static text => Assert.InRange(TokenCount.Of(text), 0, System.Text.Encoding.UTF8.GetByteCount(text)));
}
