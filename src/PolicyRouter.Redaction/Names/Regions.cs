using System.Collections.Frozen;

namespace PolicyRouter.Redaction.Names;

/// <summary>Areas so large that they may be named: states of the United States, countries, continents.</summary>
internal static class Regions
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names = WordSet.Of(
    [
        .. "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin wyoming".Split(' '),
        "new hampshire", "new jersey", "new mexico", "new york state", "north carolina", "north dakota", "rhode island", "south carolina", "south dakota", "west virginia", "puerto rico",
        .. "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr us usa uk eu uae ussr".Split(' '),
        .. "africa america antarctica asia europe oceania afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain bangladesh barbados belarus belgium belize benin bhutan bolivia botswana brazil brunei bulgaria burundi cambodia cameroon canada chad chile china colombia comoros congo croatia cuba cyprus denmark djibouti dominica ecuador egypt eritrea estonia eswatini ethiopia fiji finland france gabon gambia germany ghana greece grenada guatemala guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kiribati kosovo kuwait kyrgyzstan laos latvia lebanon lesotho liberia libya liechtenstein lithuania luxembourg madagascar malawi malaysia maldives mali malta mauritania mauritius mexico micronesia moldova monaco mongolia montenegro morocco mozambique myanmar namibia nauru nepal netherlands nicaragua niger nigeria norway oman pakistan palau palestine panama paraguay peru philippines poland portugal qatar romania russia rwanda samoa senegal serbia seychelles singapore slovakia slovenia somalia spain sudan suriname sweden switzerland syria taiwan tajikistan tanzania thailand togo tonga tunisia turkey turkmenistan tuvalu uganda ukraine uruguay uzbekistan vanuatu venezuela vietnam yemen zambia zimbabwe england scotland wales britain".Split(' '),
        "united states", "united states of america", "united kingdom", "great britain", "northern ireland", "european union", "new zealand", "south africa", "south korea", "north korea", "saudi arabia", "sri lanka", "costa rica", "el salvador", "ivory coast", "czech republic", "dominican republic", "papua new guinea", "sierra leone", "burkina faso", "cape verde", "hong kong", "north america", "south america", "latin america", "middle east", "west coast", "east coast",
        .. "españa alemania francia italia portugal méxico brasil deutschland österreich schweiz frankreich italien spanien polen niederlande allemagne espagne italie suisse belgique pologne germania francia spagna svizzera alemanha frança espanha duitsland frankrijk nederland belgië spanje polska niemcy francja hiszpania włochy".Split(' '),
    ]);

    public static bool IsStateOrCountry(ReadOnlySpan<char> name) => Names.Contains(name);
}
