namespace PolicyRouter.Redaction.Tests.Detectors;

public class FullNamesTests
{
    [Theory]
    [InlineData("Yesterday Angela Kreiger came back with fever.", "Angela Kreiger")]
    [InlineData("I spoke to Angela M. Kreiger about it", "Angela M. Kreiger")]
    [InlineData("Maria Elena Lopez wants a refund", "Maria Elena Lopez")]
    [InlineData("seen by JOHN SMITH at noon", "JOHN SMITH")]
    [InlineData("Johnson, Robert was discharged", "Johnson, Robert")]
    [InlineData("Mireille O'Connell's chart", "Mireille O'Connell")]
    [InlineData("Did Will Smith pay?", "Will Smith")]
    [InlineData("ask Deborah Quackenbush-Lee.", "Deborah Quackenbush-Lee")]
    public void AFullName_IsFoundWithoutALabel(string text, string name) => Assert.Equal([name], Scan(text));

    [Theory]
    [InlineData("Will Call at noon, May Be late, Grant Application filed, Mark Complete")]
    [InlineData("Kelly Services and Austin Texas, Madison Avenue, Jackson Memorial Hospital")]
    [InlineData("Dear John, Please call. Thanks Mary Please reply.")]
    [InlineData("In August Sales rose; Rose Garden, Sandy Beach, Crystal Lake")]
    [InlineData("Elizabeth Hospital, Thomas Test, Allen Test, Mark Price lists")]
    [InlineData("Monday Morning Meeting About Patient Safety And Quality")]
    [InlineData("JSON API HTTP GET POST README LICENSE")]
    public void WordsThatOnlyLookLikeNames_AreLeftAlone(string text) => Assert.Empty(Scan(text));

    private static IEnumerable<string> Scan(string text)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan(text, default, findings);
        return findings.Where(static finding => finding.Type is FindingType.PersonName).Select(finding => text.Substring(finding.Start, finding.Length));
    }
}
