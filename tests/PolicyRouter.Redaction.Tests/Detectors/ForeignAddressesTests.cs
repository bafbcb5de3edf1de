namespace PolicyRouter.Redaction.Tests.Detectors;

public class ForeignAddressesTests
{
    [Theory]
    [InlineData("Vive en Calle Mayor, 12 desde enero", "Calle Mayor, 12")]
    [InlineData("Avda. de la Constitución 4, Piso 3", "Avda. de la Constitución 4, Piso 3")]
    [InlineData("wohnt Hauptstraße 5a seit 2019", "Hauptstraße 5a")]
    [InlineData("Musterstr. 12-14", "Musterstr. 12-14")]
    [InlineData("Adresse: Am Alten Markt 3", "Am Alten Markt 3")]
    [InlineData("habite 12 rue de la Paix depuis", "12 rue de la Paix")]
    [InlineData("habite 12 bis avenue Foch.", "12 bis avenue Foch")]
    [InlineData("abita in Via Giuseppe Verdi 10, interno 5", "Via Giuseppe Verdi 10, interno 5")]
    [InlineData("mora na Rua das Flores, 123", "Rua das Flores, 123")]
    [InlineData("woont Kerkstraat 8 te", "Kerkstraat 8")]
    [InlineData("mieszka przy ul. Długa 5/7", "ul. Długa 5/7")]
    public void AStreet_IsFound(string text, string address) => Assert.Contains($"StreetAddress:{address}", Scans.Shown(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("Postfach, 28013 Madrid", "28013 Madrid")]
    [InlineData("te 1012 AB Amsterdam", "1012 AB Amsterdam")]
    [InlineData("00-950 Warszawa", "00-950 Warszawa")]
    [InlineData("1000-205 Lisboa", "1000-205 Lisboa")]
    [InlineData("10115 Berlin", "10115 Berlin")]
    public void APostcodeWithItsTown_IsFound(string text, string place) => Assert.Contains(place, Scans.Shown(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("in der Woche 12 und in Zimmer 4")]
    [InlineData("the route 12 results, la place 3 du classement")]
    [InlineData("see Table 4, Figure 12 and step 3; Wert 5,4 und Satz 12.5")]
    [InlineData("Am 3. März, im Jahr 2024")]
    public void OtherNumbers_AreLeftAlone(string text) => Assert.DoesNotContain("StreetAddress", Scans.Shown(text), StringComparison.Ordinal);
}
