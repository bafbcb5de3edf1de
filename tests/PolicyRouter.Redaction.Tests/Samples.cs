using Bogus;
using CsCheck;
using PolicyRouter.Redaction.Checksums;

namespace PolicyRouter.Redaction.Tests;

/// <summary>Generated texts and people. Nobody here exists.</summary>
internal static class Samples
{
    private static readonly string[] Fragments =
    [
        "Patient: ", "John Smith", "SSN ", "123-45-6789", "123456789", " ", "\n", ", ", ". ", "{\"ssn\":", "\"", "}", ":", "=", "@", "://", "https://x.org/",
        "ann@example.org", "+1 555 234 5678", "4111 1111 1111 1111", "MRN ", "A-99812", "password: ", "hunter2!", "10.0.0.1", "2001:db8::1", "-", "/", "\\",
        "March 3, 2024", "03/04/1985", "DE89370400440532013000", "EMAIL_", "EMAIL_QX7K4_1", "_QX7K4_1", "QX7K4", "_", "1", "12", "é", "\u200B", "\u00A0",
        "９", "😀", "\uD83D", "acct 12345678", "sk-abcdefghij1234567890", "cvv 123", "(", ")", "*", "the ", "quick ", "text\\_", "name\\_QX7K4\\_2",
    ];

    /// <summary>Any text: fragments of sensitive values, placeholders and punctuation, glued in any order.</summary>
    public static Gen<string> Text { get; } =
        Gen.OneOf(Gen.Int[0, Fragments.Length - 1].Select(static i => Fragments[i]), Gen.Char[' ', '~'].Select(static c => c.ToString()), Gen.Char.Select(static c => c.ToString()))
            .Array[0, 24].Select(string.Concat);

    public sealed record Person(string Name, string Birth, string Mrn, string Phone, string Email, string Ssn, string Member, string Card)
    {
        public string[] Values => [Name, Birth, Mrn, Phone, Email, Ssn, Member, Card];
    }

    public static IEnumerable<Person> People(int count)
    {
        Faker faker = new("en") { Random = new Randomizer(4711) };
        for (int i = 0; i < count; i++)
        {
            string digits = faker.Random.ReplaceNumbers("4##############");
            string card = Enumerable.Range(0, 10).Select(d => digits + d).Single(static c => Luhn.IsValid(c));
            yield return new Person(
                faker.Name.FirstName().Replace("Name", "Nadia", StringComparison.Ordinal) + " " + faker.Name.LastName(),
                faker.Random.ArrayElement(["03/15/1985", "1985-03-15", "March 15, 1985", "15 Mar 1985"]),
                faker.Random.ReplaceNumbers("00######"),
                faker.Random.ArrayElement([faker.Random.ReplaceNumbers("(2##) 3##-####"), faker.Random.ReplaceNumbers("2##-3##-####"), faker.Random.ReplaceNumbers("+1 2## 3## ####")]),
                faker.Internet.Email(),
                faker.Random.ReplaceNumbers("2##-4#-1###"),
                faker.Random.Replace("???#########"),
                faker.Random.Bool() ? card : $"{card[..4]} {card[4..8]} {card[8..12]} {card[12..]}");
        }
    }
}
