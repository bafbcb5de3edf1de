using System.Globalization;
using Bogus;

namespace PolicyRouter.Cli.Demo;

/// <summary>Made-up patients and customers: the same ones for the same seed.</summary>
internal sealed class People(int seed)
{
    private readonly Faker _us = new("en_US") { Random = new Randomizer(seed) };
    private readonly Faker _eu = new("de") { Random = new Randomizer(seed + 1) };

    public Randomizer Random => _us.Random;
    public string Name => $"{_us.Name.FirstName()} {_us.Name.LastName()}";
    public string EuropeanName => $"{_eu.Name.FirstName()} {_eu.Name.LastName()}";
    public string Email => _us.Internet.Email(provider: "mail.example.com").ToLowerInvariant();
    public string EuropeanEmail => _eu.Internet.Email(provider: "post.example.eu").ToLowerInvariant();
    public string Phone => _us.Random.Replace("(2##) 555-01##").Replace("(2", $"({_us.Random.Int(2, 9)}", StringComparison.Ordinal);
    public string EuropeanPhone => _us.Random.Replace("+49 30 5550 ####");
    public string Ssn => string.Create(CultureInfo.InvariantCulture, $"{_us.Random.Int(101, 649)}-{_us.Random.Int(11, 99)}-{_us.Random.Int(1001, 9999)}");
    public string Mrn => _us.Random.Replace("MRN-########");
    public string HealthPlan => _us.Random.Replace("HPN#########");
    public string BirthDate => _us.Date.Between(new DateTime(1935, 1, 1), new DateTime(2006, 1, 1)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    public string Card => _us.Finance.CreditCardNumber(Bogus.DataSets.CardType.Visa);
    public string Iban => _eu.Finance.Iban(countryCode: "DE");
    public string Diagnosis => _us.PickRandom(
        "community-acquired pneumonia", "type 2 diabetes with neuropathy", "atrial fibrillation", "a fractured radius", "acute cholecystitis",
        "asthma, moderate persistent", "post-operative wound infection", "chronic kidney disease stage 3");

    public string Drug => _us.PickRandom("metformin 500 mg", "apixaban 5 mg", "amoxicillin 875 mg", "lisinopril 10 mg", "prednisone 40 mg");
    public string Product => _us.PickRandom("the mobile app", "the savings account", "the travel card", "the online portal", "the invoice service");
}
