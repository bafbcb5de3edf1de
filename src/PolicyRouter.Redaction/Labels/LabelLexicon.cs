using System.Collections.Frozen;

namespace PolicyRouter.Redaction.Labels;

/// <summary>
/// The labels that are known, as lower-case words joined by single spaces: <c>patientId</c>, <c>patient_id</c> and "Patient ID"
/// are one entry, and "no", "nr" and "#" are "number". Other languages are in <see cref="ForeignLabels"/>.
/// </summary>
internal static class LabelLexicon
{
    /// <summary>Most words in one label.</summary>
    public const int MaxWords = 4;

    private static readonly FrozenDictionary<string, LabelKind> Labels = Build(
        (LabelKind.SocialSecurity,
            "ssn|ssns|ss number|ssn number|social security|social security number|social|soc sec|itin|tin|" +
            "taxpayer id|taxpayer identification number|tax id"),
        (LabelKind.MedicalRecord,
            "mrn|mrns|emrn|medical record|medical record number|medical record id|med rec|med rec number|record number|" +
            "chart number|chart id|hospital number|hospital id|patient id|patient ids|patient number|" +
            "patient identifier|patient account number|epic id|mr number|health record number"),
        (LabelKind.HealthPlan,
            "member id|member number|membership number|health plan id|health plan number|health plan beneficiary number|" +
            "plan id|plan number|beneficiary id|beneficiary number|insurance id|insurance number|subscriber id|" +
            "subscriber number|policy number|policy id|insurance policy|group number|medicaid id|" +
            "medicaid number|medicaid|medicare id|medicare number|medicare|mbi|hicn"),
        (LabelKind.Account,
            "account|account number|account numbers|acct|acct number|bank account|bank account number|" +
            "checking account|savings account|checking|savings|deposit account|a c|ach account|loan account"),
        (LabelKind.Routing, "routing|routing number|routing transit number|aba|aba number|aba routing|rtn|transit number"),
        (LabelKind.Card,
            "card|card number|credit card|credit card number|debit card|debit card number|payment card|cardnumber|" +
            "pan|primary account number|cc|cc number|ccn|visa|mastercard|amex|american express|discover"),
        (LabelKind.CardSecurity,
            "cvv|cvv2|cvc|cvc2|csc|cav2|security code|card security code|card verification code|card verification value|" +
            "card verification number|card code|pin|card pin|pin number"),
        (LabelKind.Phone,
            "phone|phones|phone number|telephone|telephone number|tel|tel number|mobile|mobile number|cell|cell number|cellphone|" +
            "cell phone|fax|fax number|call|contact number|home phone|work phone|callback number|ph|whatsapp|sms|dial"),
        (LabelKind.BirthDate,
            "dob|d o b|date of birth|birth date|birthdate|birthday|born|born on|birth dt|dateofbirth|patient dob"),
        (LabelKind.Iban, "iban"),
        (LabelKind.Identifier,
            "drivers license|driver license|driver s license|driving licence|drivers license number|driver license number|" +
            "driver s license number|license number|licence number|dl number|passport|passport number|" +
            "vin|vehicle identification number|license plate|licence plate|plate|plate number|number plate|device id|" +
            "device identifier|device serial|device serial number|serial number|imei|udi|certificate number|" +
            "employee id|employee number|customer id|customer number|client id number|" +
            "national id|national id number|identity card|id card number|nhs number|npi|dea number|dea|case number|claim number|" +
            "claim|reference number|ref number|confirmation number|confirmation code|tracking number|file number|docket number|badge number|" +
            "claim id|encounter id|encounter number|visit number|visit id|accession number|" +
            "accession|specimen id|prescription number|rx number|loan number|loan id|application number|student id|" +
            "voter id|person id|resident id|implant serial|pacemaker serial"),
        (LabelKind.Password, "password|passwords|passwd|pwd|passphrase|pass phrase|passcode|db password|user password"),
        (LabelKind.Credential,
            "secret|secret key|client secret|api key|apikey|api token|api secret|access token|access key|secret access key|" +
            "auth token|auth key|refresh token|bearer token|bearer|private key|signing key|encryption key|token|authorization|" +
            "account key|shared access key|connection string|session token|x api key"),
        (LabelKind.Person,
            "patient|patient name|patient full name|pt name|pt|full name|first name|last name|surname|given name|family name|" +
            "middle name|maiden name|mother s maiden name|customer name|client name|cardholder|cardholder name|card holder|" +
            "account holder|account holder name|account name|name on card|member name|subscriber name|policyholder|policy holder|" +
            "beneficiary name|guarantor|guarantor name|employee name|next of kin|emergency contact|contact name|attending|" +
            "attending physician|referring physician|physician|physician name|provider name|surgeon|legal name|borrower|" +
            "borrower name|applicant|applicant name|resident name|patient s name|preferred name|spouse|spouse name|" +
            "my name is|name is|patient named"),
        (LabelKind.Name, "name|names"),
        (LabelKind.Version, "version|v|ver|build|release|section|chapter|sec|rev|revision|firmware|clause|appendix|tool call|function call|call id"));

    // Words that may stand between a label and its value: "account number is", "card ending in", "MRN no".
    private static readonly FrozenSet<string> Fillers = (
        "is are was be number numbers id ids code value the a my his her their your our ending ends in with on at of to as equals " +
        "please currently listed reads said new old current primary home work")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, LabelKind>.AlternateLookup<ReadOnlySpan<char>> LabelOf =
        Labels.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> FillerOf = Fillers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The label that these normalised words are, if any.</summary>
    public static LabelKind Find(ReadOnlySpan<char> words) => LabelOf.TryGetValue(words, out LabelKind kind) ? kind : LabelKind.None;

    public static bool IsFiller(ReadOnlySpan<char> word) => FillerOf.Contains(word);

    private static FrozenDictionary<string, LabelKind> Build(params ReadOnlySpan<(LabelKind Kind, string Labels)> groups)
    {
        Dictionary<string, LabelKind> labels = new(StringComparer.Ordinal);
        foreach ((LabelKind kind, string list) in (IEnumerable<(LabelKind, string)>)[.. groups, .. ForeignLabels.All])
        {
            foreach (string label in list.Split('|'))
            {
                labels.Add(label, kind);
            }
        }

        return labels.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
