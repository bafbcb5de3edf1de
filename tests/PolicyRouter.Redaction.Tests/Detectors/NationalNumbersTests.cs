using CsCheck;
using PolicyRouter.Redaction.Checksums;

namespace PolicyRouter.Redaction.Tests.Detectors;

/// <summary>Identity numbers by their check digits. The examples are the issuers' own or the ones their articles use.</summary>
public class NationalNumbersTests
{
    [Theory]
    [InlineData("12345678Z", FindingType.OtherIdentifier)]
    [InlineData("X1234567L", FindingType.OtherIdentifier)]
    [InlineData("AB123456C", FindingType.OtherIdentifier)]
    [InlineData("RSSMRA85T10A562S", FindingType.OtherIdentifier)]
    [InlineData("rssmra85t10a562s", FindingType.OtherIdentifier)]
    [InlineData("1HGCM82633A004352", FindingType.OtherIdentifier)]
    [InlineData("1EG4-TE5-MK73", FindingType.HealthPlanNumber)]
    [InlineData("1EG4TE5MK73", FindingType.HealthPlanNumber)]
    [InlineData("529.982.247-25", FindingType.OtherIdentifier)]
    [InlineData("52998224725", FindingType.OtherIdentifier)]
    [InlineData("44051401359", FindingType.OtherIdentifier)]
    [InlineData("046 454 286", FindingType.OtherIdentifier, true)]
    [InlineData("130 692 544", FindingType.OtherIdentifier)]
    [InlineData("811218-9876", FindingType.OtherIdentifier)]
    [InlineData("2341 2341 2346", FindingType.OtherIdentifier)]
    [InlineData("2 55 08 14 168 025 38", FindingType.OtherIdentifier)]
    [InlineData("255081416802538", FindingType.OtherIdentifier)]
    public void ANumberWithARightCheckDigit_IsFoundWithoutALabel(string number, FindingType type, bool isFictitious = false)
    {
        var text = $"He wrote {number} on the form.";
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan(text, default, findings);

        // The number Canada prints in examples begins with 0, which it never issues.
        var found = findings.Where(finding => finding.Type == type).Select(finding => text.Substring(finding.Start, finding.Length));
        Assert.Equal(isFictitious ? [] : [number], found);
    }

    [Theory]
    [InlineData("12345678A")]
    [InlineData("QQ123456C")]
    [InlineData("RSSMRA85T10A562T")]
    [InlineData("1HGCM82633A004353")]
    [InlineData("1SG4TE5MK73")]
    [InlineData("529.982.247-26")]
    [InlineData("111.111.111-11")]
    [InlineData("44051401358")]
    [InlineData("2341 2341 2347")]
    [InlineData("255081416802539")]
    [InlineData("gpt-4o-2024-11-20")]
    [InlineData("build 20261125104")]
    public void AWrongCheckDigit_IsNoNumber(string number)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan($"He wrote {number} on the form.", default, findings);

        // It may still be somebody's number, of which nothing says what it is.
        Assert.DoesNotContain(findings, static finding => finding is { Type: FindingType.OtherIdentifier or FindingType.HealthPlanNumber, Confidence: > Confidence.Low });
    }

    /// <summary>Verhoeff's scheme catches every wrong digit and every exchange of neighbours: so must ours, or its tables are wrong.</summary>
    [Fact]
    public void AnAadhaarNumber_HasOneRightCheckDigit_AndEveryWrongDigitShows() => Gen.Select(Gen.Char['2', '9'], Gen.String[Gen.Char['0', '9'], 10, 10]).Sample(
        static (first, rest) =>
        {
            var right = Assert.Single("0123456789", check => NationalNumbers.IsIndian($"{first}{rest}{check}"));
            var number = $"{first}{rest}{right}";
            for (var i = 1; i < number.Length; i++)
            {
                foreach (var other in "0123456789".Where(digit => digit != number[i]))
                {
                    Assert.False(NationalNumbers.IsIndian(number[..i] + other + number[(i + 1)..]));
                }
            }
        },
        iter: 200);

    [Fact]
    public void EveryNumberOfElevenDigits_HasAtMostOnePairOfCheckDigitsInBrazil() => Gen.String[Gen.Char['0', '9'], 9, 9].Sample(
        static digits => Assert.InRange(Enumerable.Range(0, 100).Count(check => NationalNumbers.IsBrazilian($"{digits}{check:00}")), 0, 1), iter: 200);
}
