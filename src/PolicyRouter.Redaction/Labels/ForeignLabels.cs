namespace PolicyRouter.Redaction.Labels;

/// <summary>
/// Labels in Spanish, German, French, Italian, Portuguese, Dutch and Polish, written as <see cref="LabelLexicon"/> compares them. A label that two languages share, or
/// that English has, stands once.
/// </summary>
internal static class ForeignLabels
{
    public static IReadOnlyList<(LabelKind Kind, string Labels)> All { get; } =
    [
        (LabelKind.MedicalRecord,
            "nhc|historia clínica|número de historia|patientennummer|patienten id|fallnummer|numéro de dossier|ipp|patienten number|patientennr|pat number|fall number|fallnr|cartella clinica|numero di cartella|prontuário|" +
            "número do prontuário|patiëntnummer|numer pacjenta|numer historii choroby"),
        (LabelKind.HealthPlan,
            "tarjeta sanitaria|número de póliza|versichertennummer|versichertennr|versicherten number|krankenversicherungsnummer|kvnr|carte vitale|numéro d assuré|numéro de mutuelle|tessera sanitaria|" +
            "cartão sus|cns|polisnummer|numer polisy"),
        (LabelKind.Account,
            "cuenta|número de cuenta|cuenta bancaria|konto|kontonummer|kontonr|numéro de compte|numero di conto|número da conta|rekening|rekeningnummer|numer konta|rachunek|numer rachunku"),
        (LabelKind.Card,
            "número de tarjeta|tarjeta de crédito|kreditkarte|kreditkartennummer|kartennummer|carte bancaire|numéro de carte|carte de crédit|carta di credito|numero di carta|" +
            "número do cartão|cartão de crédito|creditcard|kaartnummer|numer karty|karta kredytowa"),
        (LabelKind.CardSecurity,
            "kartenprüfnummer|kartenprüfcode|sicherheitscode|code de sécurité|cryptogramme|código de seguridad|código de segurança|codice di sicurezza|beveiligingscode"),
        (LabelKind.Phone,
            "tél|portable|mobil|mob|gsm|teléfono|telefono|móvil|movil|telefon|telefonnummer|handy|handynummer|mobilnummer|rufnummer|téléphone|numéro de téléphone|cellulare|numero di telefono|telefone|celular|" +
            "telemóvel|telefoon|telefoonnummer|mobiel|numer telefonu|komórka"),
        (LabelKind.BirthDate,
            "fecha de nacimiento|nacido|nacida|nacido el|nacida el|geburtsdatum|geb|geb am|geboren|geboren am|date de naissance|né le|née le|data di nascita|nato il|nata il|data de nascimento|nascido em|nascida em|" +
            "geboortedatum|geboren op|data urodzenia|urodzony|urodzona"),
        (LabelKind.Identifier,
            "dni|nie|nif|documento de identidad|número de identidad|pasaporte|número de pasaporte|permiso de conducir|personalausweis|personalausweisnummer|ausweisnummer|reisepass|" +
            "reisepassnummer|steuer id|steueridentifikationsnummer|sozialversicherungsnummer|führerscheinnummer|kennzeichen|kundennummer|kundennr|kunden number|passeport|numéro de passeport|carte d identité|" +
            "numéro de sécurité sociale|nir|permis de conduire|immatriculation|numéro client|codice fiscale|carta d identità|passaporto|patente|targa|numero cliente|cpf|passaporte|" +
            "número do cliente|bsn|burgerservicenummer|paspoort|paspoortnummer|rijbewijs|kenteken|klantnummer|pesel|nip|dowód osobisty|numer dowodu|paszport|numer paszportu|" +
            "prawo jazdy|numer klienta"),
        (LabelKind.Password, "contraseña|passwort|kennwort|mot de passe|senha|palavra passe|wachtwoord|hasło"),
        (LabelKind.Person,
            "paciente|nombre del paciente|nombre completo|apellidos|titular|patientin|patientenname|vorname|nachname|versicherter|versicherte|patiente|nom du patient|nom complet|prénom|" +
            "titulaire|paziente|nome del paziente|nome completo|cognome|intestatario|nome do paciente|patiënt|patiëntnaam|voornaam|achternaam|pacjent|pacjentka|imię i nazwisko|imię|nazwisko"),
        (LabelKind.Name, "nombre|nom|nome|naam"),
    ];

    /// <summary>Titles before a name, with the space behind them.</summary>
    public static IReadOnlyList<string> Titles { get; } =
    [
        "señor ", "señora ", "Señor ", "Señora ", "Sr. ", "Sra. ", "Herr ", "Frau ", "Monsieur ", "Madame ", "Mme ", "signor ", "signora ", "Signor ", "Signora ", "senhor ", "senhora ",
        "Senhor ", "Senhora ", "meneer ", "mevrouw ", "Meneer ", "Mevrouw ", "Pan ", "Pani ",
    ];

    /// <summary>What stands between the word for a password, here without its first letter, and the password.</summary>
    public static IReadOnlyList<string> Passwords { get; } =
        ["ontraseña es ", "ot de passe est ", "asswort ist ", "asswort lautet ", "ennwort ist ", "ennwort lautet ", "achtwoord is ", "assword è ", "enha é ", "asło to "];

    /// <summary>Words for a patient before a name of two words, without their first letter.</summary>
    public static IReadOnlyList<string> Patients { get; } = ["aciente ", "atientin ", "atiente ", "aziente ", "atiënt ", "acjent ", "acjentka "];
}
