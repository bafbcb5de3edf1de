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

    [Theory]
    [InlineData("Tél: 01 42 68 53 00", "Phone:01 42 68 53 00")]
    [InlineData("Portable : 06 12 34 56 78", "Phone:06 12 34 56 78")]
    [InlineData("Mobil: 0171 2345678", "Phone:0171 2345678")]
    [InlineData("Mob: 07700 900123", "Phone:07700 900123")]
    [InlineData("Kunden-Nr.: 48213", "OtherIdentifier:48213")]
    [InlineData("Pat.-Nr. 48213", "MedicalRecordNumber:48213")]
    [InlineData("Versicherten-Nr. 12345", "HealthPlanNumber:12345")]
    [InlineData("Fall-Nr.: 2026-004417", "MedicalRecordNumber:2026-004417")]
    [InlineData("plate: 7ABC123", "OtherIdentifier:7ABC123")]
    [InlineData("Kennzeichen: B-MW 1234", "OtherIdentifier:B-MW 1234")]
    [InlineData("la contraseña es Tr0ub4dor", "Secret:Tr0ub4dor")]
    [InlineData("le mot de passe est Secret42.", "Secret:Secret42")]
    [InlineData("das Passwort ist Geheim123!", "Secret:Geheim123!")]
    public void LabelAsItIsWrittenElsewhere_IsKnown(string text, string expected) => Assert.Equal(expected, Scans.Shown(text));

    [Theory]
    [InlineData("das Passwort ist falsch, le mot de passe est incorrect.")]
    [InlineData("Sehr geehrte Damen und Herren,")]
    [InlineData("Claim: USD 5000, CPT 99213")]
    public void WhatNobodyIs_IsLeftAlone(string text) => Assert.Equal(string.Empty, Scans.Shown(text));
}
