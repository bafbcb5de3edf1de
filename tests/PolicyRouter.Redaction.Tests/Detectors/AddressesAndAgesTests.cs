namespace PolicyRouter.Redaction.Tests.Detectors;

public class AddressesAndAgesTests
{
    [Theory]
    [InlineData("lives at 42 Elm Street, with her son", "StreetAddress:42 Elm Street")]
    [InlineData("send to 1600 N. Martin Luther King Jr Blvd., Suite 210", "StreetAddress:1600 N. Martin Luther King Jr Blvd., Suite 210")]
    [InlineData("350 5th Ave #12B is closed", "StreetAddress:350 5th Ave #12B")]
    [InlineData("4120 Russel Coves, second house", "StreetAddress:4120 Russel Coves")]
    [InlineData("221B Baker St, ring twice", "StreetAddress:221B Baker St")]
    [InlineData("77 Massachusetts Avenue NW", "StreetAddress:77 Massachusetts Avenue NW")]
    [InlineData("9 O'Connell Ct Apt. 4", "StreetAddress:9 O'Connell Ct Apt. 4")]
    [InlineData("mail to P.O. Box 7713 please", "StreetAddress:P.O. Box 7713")]
    [InlineData("he moved to Springfield, IL 62704 in May", "Locality:Springfield, IL 62704")]
    [InlineData("New York, NY 10001-1234", "Locality:New York, NY 10001-1234")]
    [InlineData("in Springfield, Illinois 62704", "Locality:Springfield, Illinois 62704")]
    [InlineData("Boston, Massachusetts 02118-1234", "Locality:Boston, Massachusetts 02118-1234")]
    [InlineData("Charleston, West Virginia 25301", "Locality:Charleston, West Virginia 25301")]
    [InlineData("zip code: 02139", "Locality:02139")]
    [InlineData("a 93-year-old man", "Age:93")]
    [InlineData("91 y/o F with pain", "Age:91")]
    [InlineData("aged 102, lives alone", "Age:102")]
    [InlineData("Age: 90", "Age:90")]
    [InlineData("elle a 93 ans", "Age:93")]
    [InlineData("tiene 93 años", "Age:93")]
    [InlineData("zij is 93 jaar oud", "Age:93")]
    [InlineData("die 93-jährige Patientin", "Age:93")]
    [InlineData("der 93jähriger", "Age:93")]
    public void AnAddressOrAHighAge_IsFound(string text, string expected) => Assert.Equal([expected], Scan(text));

    [Fact]
    public void AWholeAddress_IsStreetAndTown() =>
        Assert.Equal(["StreetAddress:42 Elm Street, Apt 3B", "Locality:Springfield, IL 62704"], Scan("Home: 42 Elm Street, Apt 3B, Springfield, IL 62704."));

    [Theory]
    [InlineData("an 89-year-old woman")]
    [InlineData("a 45 year old")]
    [InlineData("BP 95 over 60, pulse 90")]
    [InlineData("95 percent of patients, 120 mg daily")]
    [InlineData("take 2 tablets by the way")]
    [InlineData("In 2024 Main events were rare")]
    [InlineData("3 Doctors saw 4 Patients today")]
    [InlineData("code OK 12345 returned in 40 ms, in 62704 steps")]
    [InlineData("version 12 Court documents")]
    [InlineData("10 Key Points and 3 Medical Center visits")]
    public void WhatIsNeither_IsLeftAlone(string text) => Assert.DoesNotContain(Scan(text), static found => found.StartsWith("Street", StringComparison.Ordinal) || found.StartsWith("Age", StringComparison.Ordinal));

    [Theory]
    [InlineData("hipaa-safe-harbor-18", true, true, true)]
    [InlineData("hipaa-direct-identifiers", true, false, false)]
    [InlineData("gdpr-direct", true, true, false)]
    [InlineData("secrets", false, false, false)]
    public void Profiles_CoverWhatTheirSourceNames(string name, bool street, bool locality, bool age)
    {
        Assert.True(RedactionProfile.TryGet(name, out var profile));
        Assert.Equal((street, locality, age), (profile.Covers(FindingType.StreetAddress), profile.Covers(FindingType.Locality), profile.Covers(FindingType.Age)));
    }

    private static IEnumerable<string> Scan(string text)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan(text, default, findings);
        return findings.Select(finding => $"{finding.Type}:{text.Substring(finding.Start, finding.Length)}");
    }
}
