using System.Globalization;
using System.Text;
using Bogus;
using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Benchmarks.Redaction;

/// <summary>A text and what in it must not be seen: spans with the kind of value, in UTF-16 code units.</summary>
internal sealed record LabelledText(string Text, IReadOnlyList<(int Start, int Length, string Kind)> Sensitive);

/// <summary>
/// Generated texts with planted values: clinical notes and prompts, claims, bank mail, chat, JSON and CSV, in eight languages, and texts that hold nothing personal.
/// Nobody in them exists.
/// </summary>
/// <remarks>
/// The development split and the test split have other templates and other seeds; names of other languages than English are in the test split those that the dictionaries leave out
/// and the tagger was not trained with (<see cref="HeldOutNames"/>). English ones are mostly in the census, as those of real people are. Detectors may be changed by what the first shows; of the second nobody looks at more than
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
        "TRANSFER NOTE\nThe above-named individual, {name}, arrived by ambulance at 0315 on {date}. Chart {mrn}. Brother ({name}) notified, cell {phone}.",
        "Could you check whether {name} ever got the refund? Her e-mail on file is {email}; she used the card {card} and now lives at {address}, {city}.",
        "RADIOLOGY REPORT\nORDERING: {name}\nEXAM DATE: {date}\nFINDINGS: No acute osseous abnormality. Mild degenerative change at L4-L5.\nIMPRESSION: Unremarkable.",
        "We spoke to {name} this morning. {name} will wire the deposit from account {account} once the IBAN {iban} is confirmed by {phone}.",
        "{\"ticket\":{\"opened_by\":\"{name}\",\"body\":\"please remove my SSN {ssn} from your system\",\"reply_to\":\"{email}\"},\"priority\":2}",
        "employee,hired,email\n{name},{date},{email}\n{name},{date},{email}\n",
        "User {ip} authenticated with {secret} on behalf of {name}; passport {licence} was scanned.",
        "pt {name} says her husband {name} is {age90} years old and has dementia, can we get him a home visit",
        "Witnesses: {name} and {name}. Vehicle driven by {name}, licence {licence}. Medicare number {member}.",
    ];

    private static readonly Dictionary<string, (string Locale, string Development, string Test)> Languages = new(StringComparer.Ordinal)
    {
        ["Spanish"] = ("es", "El paciente {name} vive en {address2}. Correo {email}, IBAN {iban}.", "Informe de alta: acudió acompañada de {name}, que facilitó el teléfono {phone} y la dirección {address2}."),
        ["German"] = ("de", "Patient {name}, wohnhaft {address2}, E-Mail {email}, IBAN {iban}.", "Gesprächsnotiz: {name} hat den Dauerauftrag von {iban} gekündigt und ist nach {address2} umgezogen."),
        ["French"] = ("fr", "Le patient {name} habite {address2}. Courriel {email}, IBAN {iban}.", "Compte rendu : {name} a été vue ce matin ; courrier à envoyer au {address2}, copie à {email}."),
        ["Italian"] = ("it", "Il paziente {name} abita in {address2}. Posta {email}, IBAN {iban}.", "Nota dello sportello: {name} chiede di spostare il bonifico su {iban}; recapito {address2}."),
        ["Portuguese"] = ("pt_BR", "O paciente {name} mora em {address2}. E-mail {email}.", "Ata da reunião: {name} e {name} aprovaram a proposta; enviar cópia para {email}, endereço {address2}."),
        ["Dutch"] = ("nl", "Patiënt {name} woont op {address2}. Mail {email}, IBAN {iban}.", "Gespreksverslag: {name} is verhuisd naar {address2} en wil de bedragen voortaan op {iban} ontvangen."),
        ["Polish"] = ("pl", "Pacjent {name} mieszka przy {address2}. E-mail {email}, IBAN {iban}.", "Notatka służbowa: zgłosiła się {name}, adres {address2}, prosi o potwierdzenie na {email}."),
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

    // Whole values in other dress. Some only change digits, and are for numbers.
    private static readonly (Func<string, string> Dress, bool IsForNumbers)[] Disguises =
    [
        (static value => string.Concat(value.Select(static c => c is > ' ' and <= '~' ? (char)(c + 0xFEE0) : c)), false),
        (static value => string.Join('\u200B', value.ToCharArray()), false),
        (static value => string.Join('\u00AD', value.ToCharArray()), false),
        (static value => string.Join('\u2060', value.ToCharArray()), false),
        (static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"%{(int)c:X2}"))), false),
        (static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"%25{(int)c:X2}"))), false),
        (static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"&#{(int)c};"))), false),
        (static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"&#x{(int)c:x};"))), false),
        (static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"))), false),
        (static value => string.Concat(value.Select(static c => string.Create(CultureInfo.InvariantCulture, $"={(int)c:X2}"))), false),
        (static value => Convert.ToBase64String(Encoding.UTF8.GetBytes($"value: {value}")), false),
        (static value => Convert.ToBase64String(Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"value: {value}")))), false),
        (static value => Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"value: {value}")), false),
        (static value => $"\u202E{value}\u202C", false),
        (static value => string.Concat(value.Select(static c => $"{c}\u0336")), false),
        (static value => value.Replace('a', '\u0430').Replace('e', '\u0435').Replace('o', '\u043E').Replace('p', '\u0440'), false),
        (static value => string.Join(' ', value.Where(char.IsLetterOrDigit)), true),
        (static value => value.Replace('-', '\u2013').Replace(' ', '\u00A0'), true),
        (static value => $"**{value[..3]}**{value[3..]}", true),
        (static value => string.Concat(value.Select(static c => char.IsAsciiDigit(c) ? (char)(c - '0' + '\u0660') : c)), true),
        (static value => string.Concat(value.Select(static c => char.IsAsciiDigit(c) ? (char)(c - '0' + '\u0966') : c)), true),
        (static value => string.Concat(value.Select(static c => char.IsAsciiDigit(c) ? char.ConvertFromUtf32(0x1D7CE + c - '0') : c.ToString())), true),
        (static value => string.Concat(value.Select(static c => c is >= '1' and <= '9' ? (char)(c - '1' + '\u2460') : c == '0' ? '\u24EA' : c)), true),
        (static value => string.Join(' ', value.Where(char.IsAsciiDigit).Select(static c => ((string[])["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])[c - '0'])), true),
        (static value => string.Join('.', value.Where(char.IsAsciiDigit)), true),
        (static value => string.Join('-', value.Where(char.IsAsciiDigit)), true),
    ];

    private static readonly string[] Disguised = ["ssn", "card16", "phone", "email", "iban"];

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

        foreach (var (dress, isForNumbers) in Disguises)
        {
            for (var i = 0; i < perTemplate / 4; i++)
            {
                var slot = isForNumbers ? Disguised[i % 3] : Disguised[i % Disguised.Length];
                var before = _random.ArrayElement<string>(_isTest ? ["Here it is again: ", "(", "as discussed, ", "new one - "] : ["The number is ", "please use ", "ref ", "it says: "]);
                var after = _isTest ? ", ok?" : " as agreed.";
                var value = dress(Value(slot, "en").Text);
                yield return ("adversarial", new($"{before}{value}{after}", [(before.Length, value.Length, "in disguise: " + slot)]));
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

    private string Name(Faker faker)
    {
        if (!_isTest || faker.Locale == "en")
        {
            return $"{faker.Name.FirstName()} {faker.Name.LastName()}";
        }

        return $"{HeldOut(() => faker.Name.FirstName())} {HeldOut(() => faker.Name.LastName())}";

        static string HeldOut(Func<string> next)
        {
            for (var attempt = 0; attempt < 500; attempt++)
            {
                if (next() is var name && HeldOutNames.Includes(name))
                {
                    return name;
                }
            }

            // A small list may have none.
            return next();
        }
    }

    private (string Text, string Kind) Value(string slot, string locale)
    {
        var faker = _fakers[locale];
        return slot switch
        {
            "name" => (Name(faker), locale == "en" ? "person, English" : "person, other languages"),
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
            "card16" => (_random.ArrayElement(["4111 1111 1111 1111", "5500-0055-5555-5559", "4012888888881881", "6011 0009 9013 9424"]), "card"),
            "ip" => (faker.Internet.Ip(), "network address"),
            "secret" => ($"sk-{faker.Random.AlphaNumeric(32)}", "secret"),
            _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "No such slot."),
        };
    }
}
