namespace PolicyRouter.Redaction.Tests.Detectors;

public class TaggedNamesTests
{
    [Theory]
    [InlineData("Later John Smith's wife called.", "John Smith")]
    [InlineData("Yesterday Angela Kreiger came back with fever.", "Angela Kreiger")]
    [InlineData("I spoke to Angela M. Kreiger about it", "Angela M. Kreiger")]
    [InlineData("Maria Elena Lopez wants a refund", "Maria Elena Lopez")]
    [InlineData("seen by JOHN SMITH at noon", "JOHN SMITH")]
    [InlineData("Mireille O'Connell's chart", "Mireille O'Connell")]
    [InlineData("Did Will Smith pay?", "Will Smith")]
    [InlineData("ask Deborah Quackenbush-Lee.", "Deborah Quackenbush-Lee")]
    [InlineData("Spoke with Priyanka, the daughter of the patient.", "Priyanka")]
    [InlineData("hi im john smith and i lost my card", "john smith")]
    [InlineData("Dear John, please call.", "John")]
    [InlineData("Schedule Henderson for 3pm", "Henderson")]
    [InlineData("Ihr Termin bei Oberarzt Jürgen Großmann", "Jürgen Großmann")]
    [InlineData("Nuestra cliente María José Fernández llega el martes", "María José Fernández")]
    [InlineData("Le dossier de Chloé Lefèbvre-Moreau est complet", "Chloé Lefèbvre-Moreau")]
    [InlineData("W sprawie rachunku dzwonił Tomasz Kowalski", "Tomasz Kowalski")]
    public void APerson_IsFoundWithoutALabel(string text, string name) => Assert.Contains(name, Scan(text, FindingType.PersonName));

    [Theory]
    [InlineData("She moved from Toledo to Springfield last year.", FindingType.Locality, "Springfield")]
    [InlineData("He works at Henderson Capital and lives alone.", FindingType.Organization, "Henderson Capital")]
    [InlineData("Transferred from Mercy General Hospital last night.", FindingType.Organization, "Mercy General Hospital")]
    public void ATownAndAnOrganisation_AreFound(string text, FindingType type, string name) => Assert.Contains(name, Scan(text, type));

    [Theory]
    [InlineData("In August Sales rose; Rose Garden is open.")]
    [InlineData("Monday Morning Meeting About Patient Safety And Quality")]
    [InlineData("JSON API HTTP GET POST README LICENSE")]
    [InlineData("Positive Murphy sign; Foley catheter in place; Wells score 3; Crohn disease; Guillain-Barré syndrome ruled out.")]
    [InlineData("Started Keppra and Lasix, stopped Lipitor. Continue Humira.")]
    [InlineData("Translate it into Spanish and French, deploy it on Kubernetes with Docker.")]
    [InlineData("Past Medical History: Hypertension, Asthma. Review of Systems: Constitutional: Denies fever.")]
    [InlineData("the token: a small coin; the secret: hard work")]
    [InlineData("Die Therapie wurde begonnen und gut vertragen, die Kontrolle erfolgt in der Ambulanz der Klinik.")]
    [InlineData("El banco comunicará los cambios de tipo de interés con dos meses de antelación.")]
    public void WordsThatOnlyLookLikeNames_AreLeftAlone(string text) => Assert.Empty(Scan(text, FindingType.PersonName));

    [Theory]
    [InlineData("The trial ran in Germany, France and New Jersey.")]
    [InlineData("Los datos se guardan en España")]
    public void StatesAndCountries_MayBeNamed(string text) => Assert.Empty(Scan(text, FindingType.Locality));

    private static IEnumerable<string> Scan(string text, FindingType type)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan(text, default, findings);
        return findings.Where(finding => finding.Type == type).Select(finding => text.Substring(finding.Start, finding.Length));
    }
}
