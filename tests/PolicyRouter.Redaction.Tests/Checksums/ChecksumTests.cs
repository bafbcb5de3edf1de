using CsCheck;
using PolicyRouter.Redaction.Checksums;

namespace PolicyRouter.Redaction.Tests.Checksums;

public sealed class ChecksumTests
{
    [Theory]
    [InlineData("4111111111111111")]
    [InlineData("4222222222222")]
    [InlineData("5555555555554444")]
    [InlineData("2223003122003222")]
    [InlineData("378282246310005")]
    [InlineData("6011111111111117")]
    [InlineData("30569309025904")]
    [InlineData("3530111333300000")]
    [InlineData("6200000000000005")]
    public void SchemeTestNumber_IsACard(string digits) => Assert.True(CardNumber.IsValid(digits));

    [Theory]
    [InlineData("4111111111111112")]
    [InlineData("1111111111111117")]
    [InlineData("411111111111")]
    [InlineData("41111111111111111111")]
    [InlineData("0000000000000000")]
    public void OtherNumber_IsNoCard(string digits) => Assert.False(CardNumber.IsValid(digits));

    [Fact]
    public void AnySingleWrongDigit_BreaksLuhn() =>
        (from digits in Gen.Int[0, 9].Array[15]
         from place in Gen.Int[0, 15]
         from shift in Gen.Int[1, 9]
         select (digits, place, shift)).Sample(static sample =>
        {
            char[] number = [.. sample.digits.Select(static d => (char)('0' + d)), '0'];
            number[15] = Enumerable.Range(0, 10).Select(static d => (char)('0' + d)).Single(d =>
            {
                number[15] = d;
                return Luhn.IsValid(number);
            });
            Assert.True(Luhn.IsValid(number));
            number[sample.place] = (char)('0' + ((number[sample.place] - '0' + sample.shift) % 10));
            Assert.False(Luhn.IsValid(number));
        });

    [Theory]
    [InlineData("021000021", true)]
    [InlineData("011401533", true)]
    [InlineData("121000358", true)]
    [InlineData("021000022", false)]
    [InlineData("991000024", false)]
    [InlineData("000000000", false)]
    [InlineData("02100002", false)]
    public void RoutingNumber_NeedsDistrictAndCheckDigit(string digits, bool valid) => Assert.Equal(valid, AbaRouting.IsValid(digits));

    [Theory]
    [InlineData("DE89370400440532013000", true)]
    [InlineData("GB29NWBK60161331926819", true)]
    [InlineData("FR1420041010050500013M02606", true)]
    [InlineData("NO9386011117947", true)]
    [InlineData("MT84MALT011000012345MTLCAST001S", true)]
    [InlineData("de89370400440532013000", true)]
    [InlineData("DE89370400440532013001", false)]
    [InlineData("DE8937040044053201300", false)]
    [InlineData("ZZ89370400440532013000", false)]
    [InlineData("", false)]
    public void Iban_NeedsLengthOfItsCountryAndRemainder(string compact, bool valid) => Assert.Equal(valid, Iban.IsValid(compact));

    [Theory]
    [InlineData(123, 45, 6789, true)]
    [InlineData(899, 1, 1, true)]
    [InlineData(0, 45, 6789, false)]
    [InlineData(666, 45, 6789, false)]
    [InlineData(123, 0, 6789, false)]
    [InlineData(123, 45, 0, false)]
    [InlineData(912, 70, 1234, true)]
    [InlineData(912, 45, 1234, false)]
    public void SocialSecurityNumber_NeedsAnIssuableArea(int area, int group, int serial, bool issuable) =>
        Assert.Equal(issuable, SocialSecurity.IsIssuable(area, group, serial));
}
