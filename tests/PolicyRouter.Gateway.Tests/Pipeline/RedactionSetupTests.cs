using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Redaction;

namespace PolicyRouter.Gateway.Tests.Pipeline;

public class RedactionSetupTests
{
    private static readonly RedactionSetup Setup = RedactionSetup.Of(ShippedPolicies.Snapshot);

    /// <summary>The words that lawyers write are those of the detectors and methods, no more and no fewer.</summary>
    [Fact]
    public void EveryWordOfThePolicy_IsSomethingThisHostDoes()
    {
        Assert.Equal(
            Enum.GetValues<FindingType>().Where(static type => type != FindingType.ClinicalTerm).Order(),
            RedactionWords.Kinds.Select(RedactionSetup.KindOf).Order());
        Assert.Equal(
            Enum.GetNames<RedactionMethod>().Order(StringComparer.OrdinalIgnoreCase),
            RedactionWords.Methods.Where(static word => word != RedactionWords.Keep).Order(StringComparer.Ordinal), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(Enum.GetNames<Confidence>(), RedactionWords.Confidences, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void AProfileOfThePolicy_ChangesTheOneItIsBasedOn()
    {
        Assert.True(Setup.TryGetProfile("card-masked", out var profile));
        Assert.Equal(RedactionMethod.Mask, profile.MethodFor(new Finding(0, 1, FindingType.PaymentCard, Confidence.High)));
        Assert.Null(profile.MethodFor(new Finding(0, 1, FindingType.PaymentCard, Confidence.Low)));
        Assert.Null(profile.MethodFor(new Finding(0, 1, FindingType.Email, Confidence.High)));
        Assert.Equal(RedactionMethod.Erase, profile.MethodFor(new Finding(0, 1, FindingType.CardSecurityCode, Confidence.High)));
        Assert.True(Setup.TryGetProfile("secrets", out _));
        Assert.False(Setup.TryGetProfile("unheard-of", out _));
    }

    [Theory]
    [InlineData("ask about project NIGHTINGALE today", "project NIGHTINGALE")]
    [InlineData("ask about Project\u00A0Nighting\u200Bale today", "Project\u00A0Nighting\u200Bale")]
    public void AListedText_IsFoundInAnyDress(string text, string found)
    {
        List<Finding> findings = [];
        Setup.Scanner.Scan(text, default, findings);

        Assert.Contains(findings, finding => finding.Type is FindingType.OtherIdentifier && text.Substring(finding.Start, finding.Length) == found);
    }

    [Fact]
    public void AnExemptText_IsNobodys_AndOnlyAsAWhole()
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan("She went to Mayo Clinic.", default, findings);
        Assert.NotEmpty(findings);

        findings.Clear();
        Setup.Scanner.Scan("She went to mayo clinic. She went to Mayo Clinic.", default, findings);
        Assert.Empty(findings);

        Setup.Scanner.Scan("Project Nightingales", default, findings);
        Assert.DoesNotContain(findings, static finding => finding.Confidence == Confidence.High);
    }
}
