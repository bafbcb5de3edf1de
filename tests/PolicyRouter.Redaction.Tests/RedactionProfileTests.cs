namespace PolicyRouter.Redaction.Tests;

public sealed class RedactionProfileTests
{
    [Theory]
    [InlineData("hipaa-safe-harbor-18", FindingType.Date, true)]
    [InlineData("hipaa-safe-harbor-18", FindingType.PersonName, true)]
    [InlineData("hipaa-direct-identifiers", FindingType.Date, false)]
    [InlineData("hipaa-direct-identifiers", FindingType.MedicalRecordNumber, true)]
    [InlineData("hipaa-direct-identifiers", FindingType.Url, true)]
    [InlineData("pci-pan", FindingType.PaymentCard, true)]
    [InlineData("pci-pan", FindingType.CardSecurityCode, true)]
    [InlineData("pci-pan", FindingType.Email, false)]
    [InlineData("gdpr-direct", FindingType.IpAddress, true)]
    [InlineData("gdpr-direct", FindingType.Date, false)]
    [InlineData("secrets", FindingType.Secret, true)]
    [InlineData("secrets", FindingType.PersonName, false)]
    public void Profile_CoversWhatItSays(string name, FindingType type, bool covered)
    {
        Assert.True(RedactionProfile.TryGet(name, out RedactionProfile? profile));
        Assert.Equal(name, profile.Name);
        Assert.Equal(covered, profile.Covers(type));
    }

    [Theory]
    [InlineData("HIPAA-safe-harbor-18")]
    [InlineData("")]
    [InlineData("everything")]
    public void UnknownName_IsNoProfile(string name) => Assert.False(RedactionProfile.TryGet(name, out _));

    [Fact]
    public void Names_AreThoseThatCanBeGot() => Assert.All(RedactionProfile.Names, static n => Assert.True(RedactionProfile.TryGet(n, out _)));
}
