using System.Globalization;
using System.Text;
using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Training;

/// <summary>Sentences made from the templates of this project: clinical notes, bank mail, prompts, chat, tables and code in eight languages.</summary>
internal sealed class Templates
{
    private static readonly string[] Drugs =
        ["Metoprolol", "Lisinopril", "metformin", "Aspirin", "warfarin", "Apixaban", "amoxicillin", "Levothyroxine", "atorvastatin", "insulin", "Furosemide", "prednisone", "Omeprazole", "gabapentin", "Tylenol", "Lasix", "Keppra", "Coumadin"];

    private static readonly string[] Diagnoses =
        ["hypertension", "type 2 diabetes", "Parkinson disease", "COPD", "atrial fibrillation", "Crohn's disease", "pneumonia", "Hodgkin lymphoma", "asthma", "Graves disease", "CHF", "heart failure", "a hip fracture", "Alzheimer's dementia", "migraine", "Lyme disease", "sepsis", "Addison disease", "Hashimoto thyroiditis", "Down syndrome"];

    private static readonly string[] Departments = ["Cardiology", "Neurology", "Radiology", "oncology", "Human Resources", "Accounts Payable", "the emergency department", "Internal Medicine", "Compliance", "Legal"];
    private static readonly string[] Acronyms =
        ["IBAN", "SSN", "MRN", "DOB", "BIC", "NDC", "ICU", "MRI", "CT", "EKG", "ECG", "BUN", "WBC", "RBC", "HIV", "CRP", "TSH", "INR", "ALT", "AST", "LDL", "HDL", "PSA", "BNP", "ABG", "UTI", "DVT", "GERD", "PTSD", "ADHD", "NPI", "EIN", "VAT", "API", "URL", "PDF", "KYC", "AML", "ATM", "APR", "ETF", "NPO", "PRN", "BID", "TID", "QHS", "PO", "IV", "IM", "BMI", "HTN", "CAD", "CKD", "PMH", "ROS", "HPI", "LVEF", "HbA1c", "SpO2"];

    // Whose name an instrument, a disease or a rule has is nobody in the text.
    private static readonly string[] Surnames = [.. EmbeddedList.Lines("family-names.txt").Select(static name => string.Concat(name[..1].ToUpperInvariant(), name.AsSpan(1)))];
    private static readonly string[] Terms = [.. EmbeddedList.Lines("terms.txt").Select(static name => string.Concat(name[..1].ToUpperInvariant(), name.AsSpan(1)))];
    private static readonly string[] Nouns =
        ["disease", "syndrome", "sign", "score", "scale", "criteria", "classification", "catheter", "clamp", "drain", "tube", "incision", "procedure", "maneuver", "technique", "position", "reflex", "test", "palsy", "lymphoma", "contracture", "fracture", "lift", "forceps", "pouch", "ring", "node", "cells", "bodies", "index", "theorem", "law", "equation", "method", "model", "effect", "distribution", "algorithm", "diet", "salad", "Act", "rule"];

    private static readonly string[] Subjects = ["Your Appointment", "Account Statement", "Wire Transfer Request", "Lab Results", "Password Reset", "Quarterly Review", "Refund Status", "Lunch on Friday", "Claim Update", "Meeting Tomorrow"];
    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
    private static readonly string[] Months = ["January", "Feb", "March", "Apr", "May", "June", "July", "Aug", "September", "October", "Nov", "Dec"];
    private static readonly string[] Titles = ["Dr.", "Mr.", "Mrs.", "Ms.", "Dr", "Prof.", "Nurse", "Sister", "Judge"];
    private static readonly string[] Languages = ["es", "de", "fr", "it", "pt", "nl", "pl"];

    private readonly Random _random;
    private readonly PeopleAndPlaces _names;

    public Templates(int seed)
    {
        _random = new Random(seed);
        _names = new PeopleAndPlaces(_random);
    }

    /// <param name="perTemplate">So many sentences of each template that has a name in it; a third of that of the others.</param>
    public IEnumerable<Sentence> Sentences(int perTemplate)
    {
        foreach (string file in (string[])["en", "en-nothing", .. Languages])
        {
            foreach (string template in Lines(file))
            {
                int count = template.Contains("{per}", StringComparison.Ordinal) || template.Contains("{full}", StringComparison.Ordinal) ? perTemplate : (perTemplate + 2) / 3;
                for (int i = 0; i < count; i++)
                {
                    yield return Recased(Fill(template.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal), file[..2] == "en"));
                }
            }
        }
    }

    private static IEnumerable<string> Lines(string file)
    {
        using StreamReader reader = new(typeof(Templates).Assembly.GetManifestResourceStream($"PolicyRouter.Redaction.Training.Templates.{file}.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line is not ['#', ' ', ..] || line.Contains('{', StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }

    /// <summary>One in twelve all in lower case, one in twenty all in capitals: so people write too.</summary>
    private Sentence Recased(Sentence sentence) => _random.Next(60) switch
    {
        < 5 => sentence with { Text = SameLength(sentence.Text, char.ToLowerInvariant) },
        < 8 => sentence with { Text = SameLength(sentence.Text, char.ToUpperInvariant) },
        _ => sentence,
    };

    private static string SameLength(string text, Func<char, char> change) => string.Create(text.Length, (text, change), static (span, state) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = state.change(state.text[i]);
        }
    });

    private Sentence Fill(string template, bool isEnglish)
    {
        StringBuilder text = new();
        List<(int, int, NameTag)> spans = [];
        for (int at = 0; at < template.Length;)
        {
            int end = template[at] == '{' ? template.IndexOf('}', at) : -1;
            string slot = end > 0 ? template[(at + 1)..end] : "";
            if (slot == "titled")
            {
                // The title is not part of the name.
                text.Append(_names.Pick(Titles)).Append(' ');
                slot = "family";
            }

            (string? value, NameTag tag) = Value(slot, isEnglish);
            if (value is null)
            {
                text.Append(template[at++]);
                continue;
            }

            if (tag != NameTag.None)
            {
                spans.Add((text.Length, value.Length, tag));
            }

            text.Append(value);
            at = end + 1;
        }

        return new Sentence(text.ToString(), spans);
    }

    /// <summary>What stands for a slot; null for braces that are none.</summary>
    private (string? Text, NameTag Tag) Value(string slot, bool isEnglish)
    {
        (string? text, NameTag tag) = Plain(slot, isEnglish);
        return (tag == NameTag.None || text is null ? text : InAnyCase(text), tag);
    }

    /// <summary>One name in thirty in capitals and one in sixty in lower case, whatever stands around it.</summary>
    private string InAnyCase(string name) => _random.Next(60) switch
    {
        0 => SameLength(name, char.ToLowerInvariant),
        1 or 2 => SameLength(name, char.ToUpperInvariant),
        _ => name,
    };

    private (string? Text, NameTag Tag) Plain(string slot, bool isEnglish) => slot switch
    {
        "per" => (_names.Person(isEnglish), NameTag.Person),
        "full" => (_names.Full(isEnglish), NameTag.Person),
        "given" => (_names.Given(isEnglish), NameTag.Person),
        "family" => (_names.Family(isEnglish), NameTag.Person),
        "initial" => (_names.Initial(), NameTag.Person),
        "city" => (_names.Town(), NameTag.Place),
        "street" => (_names.Street(), NameTag.Place),
        "org" => (_names.Firm(), NameTag.Organisation),
        "n" => (_random.Next(1, _random.Next(2) == 0 ? 60 : 4_000).ToString(CultureInfo.InvariantCulture), NameTag.None),
        "age" => (_random.Next(1, 100).ToString(CultureInfo.InvariantCulture), NameTag.None),
        "year" => (_random.Next(1950, 2026).ToString(CultureInfo.InvariantCulture), NameTag.None),
        "date" => (Date(), NameTag.None),
        "phone" => (string.Create(CultureInfo.InvariantCulture, $"({_random.Next(200, 999)}) {_random.Next(200, 999)}-{_random.Next(1000, 9999)}"), NameTag.None),
        "email" => ($"{_names.Given(true).ToLowerInvariant()}@example.org", NameTag.None),
        "drug" => (_names.Pick(Drugs), NameTag.None),
        "dx" => (_names.Pick(Diagnoses), NameTag.None),
        "surname" => (_names.Pick(Surnames), NameTag.None),
        "term" => (_names.Pick(Terms), NameTag.None),
        "noun" => (_names.Pick(Nouns), NameTag.None),
        "acro" => (_names.Pick(Acronyms), NameTag.None),
        "dept" => (_names.Pick(Departments), NameTag.None),
        "subject" => (_names.Pick(Subjects), NameTag.None),
        "weekday" => (_names.Pick(Weekdays), NameTag.None),
        "word" => (_names.Pick(Departments).ToLowerInvariant(), NameTag.None),
        _ => (null, NameTag.None),
    };

    private string Date() => _random.Next(3) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{_random.Next(1, 13):00}/{_random.Next(1, 29):00}/{_random.Next(1930, 2026)}"),
        1 => string.Create(CultureInfo.InvariantCulture, $"{_random.Next(1930, 2026)}-{_random.Next(1, 13):00}-{_random.Next(1, 29):00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{_names.Pick(Months)} {_random.Next(1, 29)}, {_random.Next(1930, 2026)}"),
    };
}
