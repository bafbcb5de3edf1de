namespace PolicyRouter.Redaction.Tests.Detectors;

public class ForeignLabelsTests
{
    [Theory]
    [InlineData("La señora Lucía Ibáñez llamó ayer.", "PersonName:Lucía Ibáñez")]
    [InlineData("El paciente Andrés Villalobos está bien", "PersonName:Andrés Villalobos")]
    [InlineData("Fecha de nacimiento: 15/03/1985", "DateOfBirth:15/03/1985")]
    [InlineData("Contraseña: gato7gato", "Secret:gato7gato")]
    [InlineData("Frau Annegret Möllenhoff bittet um Rückruf", "PersonName:Annegret Möllenhoff")]
    [InlineData("Telefon: 030 1234567", "Phone:030 1234567")]
    [InlineData("Versichertennummer: A123456780", "HealthPlanNumber:A123456780")]
    [InlineData("Kontonummer 1234567890", "BankAccount:1234567890")]
    [InlineData("Madame Élodie Lefèvre a payé", "PersonName:Élodie Lefèvre")]
    [InlineData("Numéro de dossier: 8841907", "MedicalRecordNumber:8841907")]
    [InlineData("La signora Giulia Bianchi ha scritto", "PersonName:Giulia Bianchi")]
    [InlineData("A senhora Conceição Araújo ligou", "PersonName:Conceição Araújo")]
    [InlineData("Mevrouw Annelies Dijkstra vraagt om een afspraak", "PersonName:Annelies Dijkstra")]
    [InlineData("BSN: 1112223", "OtherIdentifier:1112223")]
    [InlineData("Pani Małgorzata Wiśniewska prosi o kontakt", "PersonName:Małgorzata Wiśniewska")]
    [InlineData("Numer klienta: 55120987", "OtherIdentifier:55120987")]
    public void ALabelOrTitleOfAnotherLanguage_SaysWhatFollows(string text, string expected) => Assert.Contains(expected, Scan(text));

    [Theory]
    [InlineData("Die Frau ging nach Hause, der Herr blieb.")]
    [InlineData("Pan the camera; pan sauce with 2 onions")]
    [InlineData("La señora llamó, el paciente está bien, le patient dort")]
    [InlineData("Konto wird geprüft, das Telefon klingelt")]
    public void TheSameWordsInASentence_SayNothing(string text) => Assert.Empty(Scan(text));

    private static List<string> Scan(string text)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan(text, default, findings);
        return [.. findings.Select(finding => $"{finding.Type}:{text.Substring(finding.Start, finding.Length)}")];
    }
}
