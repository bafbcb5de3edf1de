using System.Globalization;
using System.Text;
using Bogus;

namespace PolicyRouter.Benchmarks.Redaction;

/// <summary>A text and what in it must not be seen: spans with the kind of value, in UTF-16 code units.</summary>
internal sealed record LabelledText(string Text, IReadOnlyList<(int Start, int Length, string Kind)> Sensitive);

/// <summary>
/// Generated texts with planted values: clinical notes and prompts, claims, bank mail, chat, JSON and CSV, in eight languages, and texts that hold nothing personal.
/// Nobody in them exists.
/// </summary>
/// <remarks>
/// The development split and the test split have other templates and other seeds. Detectors may be changed by what the first shows; of the second nobody looks at more than
/// the figures.
/// </remarks>
internal sealed class RedactionCorpus
{
    private static readonly string[] DevelopmentTemplates =
    [
        "Patient {name}, DOB {dob}, MRN {mrn}, was admitted on {date}. Call {phone} or write to {email}. Lives at {address}, {city}.",
        "Please summarise: {name} ({age90}-year-old) reports chest pain. SSN {ssn}. Insurance member ID {member}. Metoprolol 25 mg twice daily, Na 138 mmol/L.",
        "Claim {claim} for {name}: card {card}, amount $1,245.80, CPT 99213, ICD-10 I10.",
        "Dear {name}, your account number {account} (IBAN {iban}) was debited. Questions? {phone}, {email}.",
        "hi, i'm {name}, my email is {email} and my phone is {phone}, can you reset the password? it is {secret}",
        "{\"patient\":{\"fullName\":\"{name}\",\"birthDate\":\"{dob}\",\"ssn\":\"{ssn}\",\"phone\":\"{phone}\"},\"dose_mg\":250}",
        "name,email,phone\n{name},{email},{phone}\n{name},{email},{phone}\n",
    ];

    private static readonly string[] TestTemplates =
    [
        "{name} came in on {date} with fever. Record no. {mrn}; born {dob}. Next of kin can be reached at {phone}. Home: {address}, {city}.",
        "Discharge summary. Pt: {name}. {age90} y/o. Social security number: {ssn}. Medicare: {member}. Lisinopril 10 mg, creatinine 0.9 mg/dL. Seen by Dr. {name}.",
        "Wire from {name}, account {account}, routing per file; refund to card ending never shown: {card}. Amount EUR 310.00, invoice 2024-118.",
        "To: {email}\nFrom: {email}\n\nHello {name}, the transfer to {iban} is done. Ring {phone} if not. Regards, {name}",
        "my name is {name} and I live at {address}. DL number {licence}. server {ip}, key {secret}",
        "{\"customer_name\":\"{name}\",\"customer_email\":\"{email}\",\"card_number\":\"{card}\",\"total\":129.95,\"currency\":\"USD\"}",
        "Follow-up for {name} ({dob}): HbA1c 7.1 %, BP 130/80. Contact {email}; portal https://portal.example.org/p?id={mrn}",
    ];

    private static readonly Dictionary<string, (string Locale, string Development, string Test)> Languages = new(StringComparer.Ordinal)
    {
        ["Spanish"] = ("es", "El paciente {name} vive en {address2}. Correo {email}, IBAN {iban}.", "La señora {name} llamó ayer. Escriba a {email} o transfiera a {iban}."),
        ["German"] = ("de", "Patient {name}, wohnhaft {address2}, E-Mail {email}, IBAN {iban}.", "Frau {name} bittet um Rückruf. Ihre Adresse ist {address2}, Mail {email}."),
        ["French"] = ("fr", "Le patient {name} habite {address2}. Courriel {email}, IBAN {iban}.", "Madame {name} a payé depuis {iban}. Répondez à {email}."),
        ["Italian"] = ("it", "Il paziente {name} abita in {address2}. Posta {email}, IBAN {iban}.", "La signora {name} ha scritto da {email}; conto {iban}."),
        ["Portuguese"] = ("pt_BR", "O paciente {name} mora em {address2}. E-mail {email}.", "A senhora {name} ligou; responda para {email}."),
        ["Dutch"] = ("nl", "Patiënt {name} woont op {address2}. Mail {email}, IBAN {iban}.", "Mevrouw {name} vraagt om een afspraak; mail {email}."),
        ["Polish"] = ("pl", "Pacjent {name} mieszka przy {address2}. E-mail {email}, IBAN {iban}.", "Pani {name} prosi o kontakt: {email}."),
    };

    private static readonly string[] Harmless =
    [
        "Give metoprolol 25 mg twice daily; hold if the heart rate is below 55. Potassium 4.1, sodium 138, Wells score 3, Foley catheter removed.",
        "Parkinson disease was described in 1817. See ICD-10 G20, LOINC 2345-7, CPT 99213 and NDC 0093-7180-01.",
        "Commit 9fceb02d0ae598e95dc970b74767f19372d61af8 fixes build 4.12.7 on .NET 10; id 0b7a3c52-6f1e-4d8a-9c3b-2f5e8d7c6b1a.",
        "Revenue rose to $1,234,567.89 in Q3 2024, up 12.5 % from $1,097,393.00; 2,500 employees in 14 countries.",
        "for (int i = 0; i < 1024; i++) { sum += table[i] * 3.14159; } // O(n), 0x7fff_ffff, 1e-9",
        "The guideline recommends screening every 3 years from age 45, and yearly from 50. Section 4.2.1, page 112, table 7.",
    ];

    private static readonly Dictionary<string, Func<string, string>> Disguises = new(StringComparer.Ordinal)
    {
        ["full-width"] = static value => string.Concat(value.Select(static c => c is > ' ' and <= '~' ? (char)(c + 0xFEE0) : c)),
        ["zero-width"] = static value => string.Join('\u200B', value.ToCharArray()),
        ["spaced"] = static value => string.Join(' ', value.Where(char.IsLetterOrDigit)),
        ["percent"] = static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"%{(int)c:X2}"))),
        ["reference"] = static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"&#{(int)c};"))),
        ["base64"] = static value => Convert.ToBase64String(Encoding.UTF8.GetBytes($"SSN {value}")),
        ["dashes"] = static value => value.Replace('-', '\u2013'),
        ["bold"] = static value => $"**{value[..3]}**{value[3..]}",
    };

    private readonly bool _isTest;
    private readonly Randomizer _random;
    private readonly Dictionary<string, Faker> _fakers;

    public RedactionCorpus(bool isTest)
    {
        _isTest = isTest;
        _random = new Randomizer(isTest ? 90_210 : 4_711);
        _fakers = Languages.Values.Select(static language => language.Locale).Append("en").ToDictionary(static locale => locale, locale => new Faker(locale) { Random = _random }, StringComparer.Ordinal);
    }

    /// <summary>Texts in groups: <c>English</c>, one per other language, <c>adversarial</c> and <c>nothing personal</c>.</summary>
    public IEnumerable<(string Group, LabelledText Text)> Texts(int perTemplate)
    {
        foreach (var template in _isTest ? TestTemplates : DevelopmentTemplates)
        {
            for (var i = 0; i < perTemplate; i++)
            {
                yield return ("English", Fill(template, "en"));
            }
        }

        foreach (var (language, (locale, development, test)) in Languages)
        {
            for (var i = 0; i < perTemplate; i++)
            {
                yield return (language, Fill(_isTest ? test : development, locale));
            }
        }

        foreach (var disguise in Disguises.Values)
        {
            for (var i = 0; i < perTemplate; i++)
            {
                var before = _random.ArrayElement(["The number is ", "please use ", "ref ", "SSN: "]);
                var value = disguise(Value("ssn", "en").Text);
                yield return ("adversarial", new($"{before}{value} as agreed.", [(before.Length, value.Length, "ssn in disguise")]));
            }
        }

        foreach (var text in Harmless)
        {
            yield return ("nothing personal", new(text, []));
        }
    }

    private LabelledText Fill(string template, string locale)
    {
        StringBuilder text = new();
        List<(int, int, string)> spans = [];
        for (var at = 0; at < template.Length;)
        {
            var end = template[at] == '{' && at + 1 < template.Length && char.IsAsciiLetterLower(template[at + 1]) ? template.IndexOf('}', at) : -1;
            if (end < 0)
            {
                text.Append(template[at++]);
                continue;
            }

            var (value, kind) = Value(template[(at + 1)..end], locale);
            spans.Add((text.Length, value.Length, kind));
            text.Append(value);
            at = end + 1;
        }

        return new(text.ToString(), spans);
    }

    private (string Text, string Kind) Value(string slot, string locale)
    {
        var faker = _fakers[locale];
        return slot switch
        {
            "name" => ($"{faker.Name.FirstName()} {faker.Name.LastName()}", "person"),
            "address" => ($"{faker.Random.Number(1, 9_999)} {faker.Address.StreetName()}", "address"),
            "address2" => (faker.Address.StreetAddress(), "address"),
            "city" => ($"{faker.Address.City()}, {faker.Address.StateAbbr()} {faker.Random.ReplaceNumbers("1####")}", "address"),
            "dob" or "date" => (_random.ArrayElement(["03/15/1985", "1985-03-15", "March 15, 1985", "15 Mar 1985"]), "date"),
            "age90" => (_random.Number(90, 104).ToString(CultureInfo.InvariantCulture), "age"),
            "phone" => (faker.Random.ReplaceNumbers(_random.ArrayElement(["(2##) 3##-####", "2##-3##-####", "+1 2## 3## ####", "2##.3##.####"])), "phone"),
            "email" => (faker.Internet.Email(), "email"),
            "ssn" => (faker.Random.ReplaceNumbers("2##-4#-1###"), "ssn"),
            "mrn" => (faker.Random.ReplaceNumbers(_random.ArrayElement(["00######", "A-#######"])), "record number"),
            "member" => (faker.Random.Replace("???#########"), "record number"),
            "licence" or "claim" => (faker.Random.Replace("?#######"), "record number"),
            "account" => (faker.Random.ReplaceNumbers("##########"), "bank account"),
            "iban" => (faker.Finance.Iban(formatted: _random.Bool()), "bank account"),
            "card" => (faker.Finance.CreditCardNumber(), "card"),
            "ip" => (faker.Internet.Ip(), "network address"),
            "secret" => ($"sk-{faker.Random.AlphaNumeric(32)}", "secret"),
            _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "No such slot."),
        };
    }
}
