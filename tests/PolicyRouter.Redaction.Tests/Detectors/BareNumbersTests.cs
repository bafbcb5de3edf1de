namespace PolicyRouter.Redaction.Tests.Detectors;

public class BareNumbersTests
{
    [Theory]
    [InlineData("please look up 48213377 for me", "48213377")]
    [InlineData("it says A0042295 on the bracelet", "A0042295")]
    [InlineData("4111111111111112 fails its checksum", "4111111111111112")]
    [InlineData("use 6011-6253-9381-9292-5002", "6011-6253-9381-9292-5002")]
    [InlineData("{\"identifier\":[{\"type\":{\"text\":\"MRN\"},\"value\":\"88213345\"}]}", "88213345")]
    [InlineData("{\"identifier\":\"88213345\"}", "88213345")]
    [InlineData("{\"id\":88213345}", "88213345")]
    [InlineData("SELECT * FROM visits WHERE pid = 88213345", "88213345")]
    [InlineData("referred to 1760123459", "1760123459")]
    [InlineData("record 20110042 reviewed", "20110042")]
    public void ALongNumberThatNothingExplains_IsOfLowConfidence(string text, string value)
    {
        Finding finding = Assert.Single(Scans.Of(text));
        Assert.Equal((value, FindingType.OtherIdentifier, Confidence.Low), (text.Substring(finding.Start, finding.Length), finding.Type, finding.Confidence));
    }

    [Theory]
    [InlineData("$12345678 and 12345678 EUR and 12345678.50")]
    [InlineData("10000000 rows, 1700000000000, 20240115093000")]
    [InlineData("CVE-2024-1234567, NCT01234567, PMID 12345678, RFC 1234567")]
    [InlineData("{\"seed\":1234567890,\"count\":\"987654321\"}")]
    [InlineData("{\"max_tokens\":1234567,\"fileSize\":7654321,\"created_at\":1760123453}")]
    [InlineData("Content-Length: 1234567, MAX = 2147483647, n = 1234567")]
    [InlineData("build 20261125104, version 1234567")]
    [InlineData("9fceb02d0ae598e95dc970b74767f19372d61af8 0b7a3c52-6f1e-4d8a-9c3b-2f5e8d7c6b1a")]
    [InlineData("x1234567y is a variable, 0x12345678 a constant")]
    public void ANumberThatIsExplained_IsLeftAlone(string text) => Assert.Equal(string.Empty, Scans.Shown(text));

    [Fact]
    public void NumberUnderTheSystemOfSocialSecurity_IsFound() =>
        Assert.Contains("OtherIdentifier:536221847", Scans.Shown("{\"identifier\":[{\"system\":\"urn:oid:2.16.840.1.113883.4.1\",\"value\":\"536221847\"}]}"));
}
