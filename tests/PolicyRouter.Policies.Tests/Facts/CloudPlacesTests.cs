using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Tests.Facts;

/// <summary>Which zone the regions of clouds are in, and what a claim of the registry covers.</summary>
public sealed class CloudPlacesTests
{
    private static readonly string[] Zones = ["us", "eea", "uk", "ca-qc", "other"];

    [Theory]
    [InlineData("us-east-1", "us")]
    [InlineData("us-gov-west-1", "us")]
    [InlineData("us-central1", "us")]
    [InlineData("East US 2", "us")]
    [InlineData("North Central US", "us")]
    [InlineData("eu-central-1", "eea")]
    [InlineData("eu-west-2", "uk")]
    [InlineData("eu-central-2", "ch")]
    [InlineData("europe-west4", "eea")]
    [InlineData("europe-west2", "uk")]
    [InlineData("Sweden Central", "eea")]
    [InlineData("UK South", "uk")]
    [InlineData("Switzerland North", "ch")]
    [InlineData("ca-central-1", "ca-qc")]
    [InlineData("Canada Central", "ca")]
    [InlineData("Canada East", "ca-qc")]
    [InlineData("ap-northeast-1", "jp")]
    [InlineData("ap-northeast-2", "kr")]
    [InlineData("Southeast Asia", "sg")]
    [InlineData("East Asia", "hk")]
    [InlineData("Australia East", "au")]
    [InlineData("Austria East", "eea")]
    [InlineData("South India", "in")]
    [InlineData("Indonesia Central", "id")]
    [InlineData("me-central-1", "ae")]
    [InlineData("me-central1", "qa")]
    public void ARegion_HasItsZone(string region, string expected) => Assert.Equal(expected, CloudPlaces.ZonesOf(region)[0]);

    [Theory]
    [InlineData("us", "us", true)]
    [InlineData("us", "East US", true)]
    [InlineData("us", "eu-west-1", false)]
    [InlineData("us", "global", false)]
    [InlineData("us", "mars-north-1", false)]
    [InlineData("us,unknown", "global", true)]
    [InlineData("unknown", "mars-north-1", true)]
    [InlineData("ca-qc", "ca-central-1", true)]
    [InlineData("ca-qc", "Canada Central", false)]
    [InlineData("other", "Canada Central", true)]
    [InlineData("other", "ap-northeast-1", true)]
    [InlineData("other", "global", false)]
    [InlineData("other", "us-east-1", false)]
    [InlineData("us,eea", "europe-west4", true)]
    public void AClaim_CoversWhatIsInsideIt_AndOnlyUnknownCoversAnywhere(string claimed, string place, bool expected) =>
        Assert.Equal(expected, CloudPlaces.Covers(claimed.Split(','), place, Zones));
}
