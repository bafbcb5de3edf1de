using System.Globalization;
using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Training;

/// <summary>
/// Names of people who do not exist, of towns and of firms. Names that the gazetteer's other languages leave out (one in ten, by their hash) never appear, so that figures can be
/// taken with names the tagger has not seen.
/// </summary>
internal sealed class PeopleAndPlaces(Random random)
{
    private static readonly string[] EnglishGiven = [.. EmbeddedList.Lines("given-names.txt").Select(Capitalised)];
    private static readonly string[] EnglishFamily = [.. EmbeddedList.Lines("family-names.txt").Select(Capitalised)];
    private static readonly string[] OtherGiven = [.. EmbeddedList.Lines("other-given-names.txt")];
    private static readonly string[] OtherFamily = [.. EmbeddedList.Lines("other-family-names.txt")];
    private static readonly string[] Towns = [.. EmbeddedList.Lines("cities.txt")];
    private static readonly string[] Particles = ["de", "de la", "del", "van", "van der", "van den", "von", "da", "dos", "di", "le", "al"];

    private static readonly string[] FirmForms =
    [
        "{f} Inc.", "{f} Corp", "{f} & Sons", "{f} and {f}", "{f} Group", "{f} Bank", "Bank of {t}", "{t} General Hospital", "{f} Memorial Hospital", "St. {g} Hospital", "{t} Medical Center",
        "University of {t}", "{t} University", "{f} Partners LLP", "{f} Capital", "{t} Savings Bank", "{f} Foundation", "{f} Clinic", "{f} Health", "{t} Community College", "{f} Pharma AG",
        "{f} GmbH", "{f} S.A.", "{f} Ltd", "{f} Technologies", "{t} City Council", "{t} Police Department", "{f} Consulting", "{f} Energy", "{f} Motors", "Hospital {t}", "Banco {f}", "Klinik {t}",
    ];

    /// <summary>A given name.</summary>
    /// <param name="isEnglish">Mostly of the census; otherwise mostly of other languages.</param>
    public string Given(bool isEnglish) => Invented(Pick(random.Next(4) == 0 != isEnglish ? EnglishGiven : OtherGiven), EnglishGiven);

    /// <summary>A family name, sometimes with a particle or of two names.</summary>
    public string Family(bool isEnglish)
    {
        string name = Invented(Pick(random.Next(4) == 0 != isEnglish ? EnglishFamily : OtherFamily), EnglishFamily);
        return random.Next(30) switch
        {
            0 => $"{Pick(Particles)} {name}",
            1 => $"{name}-{Pick(EnglishFamily)}",
            2 when !isEnglish => $"{name} {Pick(OtherFamily)}",
            3 => $"{name} {Pick(["Jr.", "Jr", "III", "Sr."])}",
            _ => name,
        };
    }

    /// <summary>Given and family name in one of the ways they are written.</summary>
    public string Full(bool isEnglish)
    {
        string given = Given(isEnglish);
        string family = Family(isEnglish);
        return random.Next(20) switch
        {
            0 or 1 => $"{given} {Initial()}. {family}",
            2 => $"{given} {Initial()} {family}",
            3 => $"{family}, {given}",
            4 => $"{given[0]}. {family}",
            5 => $"{given} {Given(isEnglish)} {family}",
            6 => $"{family}, {given} {Initial()}",
            7 => $"{given}-{Given(isEnglish)} {family}",
            8 when !isEnglish => $"{given} {family} {Family(isEnglish)}",
            _ => $"{given} {family}",
        };
    }

    /// <summary>A person in any form: mostly the full name.</summary>
    public string Person(bool isEnglish) => random.Next(10) switch { < 6 => Full(isEnglish), < 9 => Given(isEnglish), _ => Family(isEnglish) };

    public string Initial() => ((char)('A' + random.Next(26))).ToString();

    public string Town() => Pick(Towns);

    public string Firm() =>
        Pick(FirmForms)
            .Replace("{f}", Pick(EnglishFamily), StringComparison.Ordinal)
            .Replace("{t}", Town(), StringComparison.Ordinal)
            .Replace("{g}", Pick(EnglishGiven), StringComparison.Ordinal);

    public string Street() => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 9_999)} {Pick(EnglishFamily)} {Pick(["Street", "St", "Avenue", "Ave", "Road", "Lane", "Drive", "Blvd"])}");

    public string Pick(string[] list) => list[random.Next(list.Length)];

    /// <summary>One in eight names is made of the beginning of one and the end of another: nobody knows all names.</summary>
    private string Invented(string name, string[] others)
    {
        if (random.Next(8) != 0)
        {
            return name;
        }

        string other = Pick(others);
        return string.Concat(name.AsSpan(0, (name.Length + 1) / 2), other.AsSpan(other.Length / 2));
    }

    private static string Capitalised(string name) => string.Concat(name[..1].ToUpperInvariant(), name.AsSpan(1));
}
