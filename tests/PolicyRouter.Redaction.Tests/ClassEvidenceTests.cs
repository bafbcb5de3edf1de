using CsCheck;

namespace PolicyRouter.Redaction.Tests;

public class ClassEvidenceTests
{
    [Theory]
    [InlineData("Angela Kreiger was started on metformin.", "phi pii")]
    [InlineData("write to ann@example.org about her pneumonia", "phi pii")]
    [InlineData("A Ana García le diagnosticaron neumonía.", "phi pii")]
    [InlineData("Angela Kreiger wants her money back.", "pii")]
    [InlineData("Metformin is a treatment of diabetes.", "")]
    [InlineData("MRN: 00123456", "phi")]
    [InlineData("please look up 48213377", "")]
    public void APersonBesideAnIllness_IsHealthInformation(string text, string classes) => Assert.Equal(classes, string.Join(' ', Evidence(text).Classes));

    [Fact]
    public void TheyMayStandInDifferentTexts()
    {
        ClassEvidence evidence = new();
        Scans.Of("My name is Angela Kreiger.").ForEach(evidence.Add);
        Scans.Of("What is the dose of warfarin?").ForEach(evidence.Add);

        Assert.Equal(["phi", "pii"], evidence.Classes);
    }

    /// <summary>More findings never take a class away.</summary>
    [Fact]
    public void Evidence_OnlyAdds() => Gen.Select(Finding, Finding.List[0, 6]).Sample(static (one, more) =>
    {
        ClassEvidence evidence = new();
        evidence.Add(one);
        var before = evidence.Classes;
        more.ForEach(evidence.Add);

        Assert.Subset(evidence.Classes.ToHashSet(), before.ToHashSet());
    });

    private static readonly Gen<Finding> Finding =
        Gen.Select(Gen.Enum<FindingType>(), Gen.Enum<Confidence>()).Select(static (type, confidence) => new Finding(0, 1, type, confidence));

    private static ClassEvidence Evidence(string text)
    {
        ClassEvidence evidence = new();
        Scans.Of(text).ForEach(evidence.Add);
        return evidence;
    }
}
