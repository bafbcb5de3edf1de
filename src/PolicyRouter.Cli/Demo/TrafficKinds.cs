namespace PolicyRouter.Cli.Demo;

/// <summary>The mix of a hospital group's day, against the example pack in <c>policies/</c>.</summary>
internal static class TrafficKinds
{
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    /// <summary>Vendors with a business associate agreement in force, and the hospital's own machines.</summary>
    private static readonly IReadOnlySet<string> PhiRecipients =
        new HashSet<string> { "claude-anthropic", "claude-aws-us", "azure-gpt4o-eastus", "local-llama" };

    /// <summary>Minimum necessary: vendors get no direct identifiers of patients, the hospital's own machines may.</summary>
    private static readonly IReadOnlySet<string> PhiVendors = PhiRecipients.Except(["local-llama"]).ToHashSet(StringComparer.Ordinal);

    /// <summary>Vendors with a data processing agreement and a place or transfer paper that covers people in the EEA.</summary>
    private static readonly IReadOnlySet<string> EuRecipients = new HashSet<string> { "mistral-eu", "azure-gpt4o-eastus" };

    private static readonly IReadOnlySet<string> Everybody = new HashSet<string>
    {
        "claude-anthropic", "claude-aws-us", "azure-gpt4o-eastus", "openai-gpt4o-direct", "mistral-eu", "local-llama", "groq-llama",
    };

    /// <summary>Approved, and known never to train on what they are sent.</summary>
    private static readonly IReadOnlySet<string> NeverTrains = Everybody.Except(["groq-llama"]).ToHashSet(StringComparer.Ordinal);

    public static IReadOnlyList<TrafficKind> All { get; } =
    [
        new()
        {
            Name = "discharge note", Model = "clinical-chat", DataClass = "phi", Subjects = "us", Purpose = "treatment",
            Lawful = PhiRecipients, MustBeRedactedAt = PhiVendors, Weight = 6,
            Write = static people =>
            {
                // The date of birth may stay: this profile leaves a limited data set (45 CFR 164.514(e)(2)).
                var (name, mrn, born) = (people.Name, people.Mrn, people.BirthDate);
                return new PlantedText(
                    $"Summarise for the ward round. Patient: {name}, MRN: {mrn}, DOB {born}. Admitted with {people.Diagnosis}, started on {people.Drug}.",
                    [name, mrn]);
            },
        },
        new()
        {
            Name = "billing question", Model = "clinical-chat", DataClass = "phi", Subjects = "us", Purpose = "payment",
            Lawful = PhiRecipients, MustBeRedactedAt = PhiVendors, Weight = 5,
            Write = static people =>
            {
                var (mrn, plan, ssn, phone, mail) = (people.Mrn, people.HealthPlan, people.Ssn, people.Phone, people.Email);
                return new PlantedText(
                    $"Why was this claim rejected? MRN: {mrn}, member ID: {plan}, SSN {ssn}, phone {phone}, e-mail {mail}. Procedure for {people.Diagnosis}.",
                    [mrn, plan, ssn, phone, mail]);
            },
        },
        new()
        {
            Name = "customer in the EU", Model = "eu-support", DataClass = "pii", Subjects = "eea", Purpose = "customer-service",
            Lawful = EuRecipients, MustBeRedactedAt = EuRecipients, Weight = 4,
            Write = static people =>
            {
                var (mail, phone, iban) = (people.EuropeanEmail, people.EuropeanPhone, people.Iban);
                return new PlantedText(
                    $"Draft a reply to {people.EuropeanName} ({mail}, {phone}), who cannot open {people.Product}. Refund to IBAN {iban}.",
                    [mail, phone, iban]);
            },
        },
        new()
        {
            Name = "card dispute", Model = "payments-chat", DataClass = "card-number", Subjects = "us", Purpose = "customer-service",
            Lawful = NeverTrains, MustBeRedactedAt = Everybody, Weight = 4,
            Write = static people =>
            {
                var card = people.Card;
                return new PlantedText($"The customer disputes a charge on card {card} for {people.Product}. What are the next steps?", [card]);
            },
        },
        new()
        {
            Name = "press release", Model = "public-chat", DataClass = "public", Subjects = null, Purpose = "marketing",
            Lawful = Everybody, MustBeRedactedAt = Nobody, Weight = 3,
            Write = static people => new PlantedText($"Write two sentences that announce the new version of {people.Product}.", []),
        },
        new()
        {
            Name = "chart pasted as public", Model = "clinical-chat", DataClass = "public", Subjects = "us", Purpose = "treatment",
            Lawful = PhiRecipients, MustBeRedactedAt = PhiVendors, Weight = 2,
            Write = static people =>
            {
                var mrn = people.Mrn;
                return new PlantedText($"Shorten this: the patient with MRN: {mrn} has {people.Diagnosis} and takes {people.Drug}.", [mrn]);
            },
        },
        new()
        {
            Name = "patients for marketing", Model = "clinical-chat", DataClass = "phi", Subjects = "us", Purpose = "marketing",
            Lawful = Nobody, MustBeRedactedAt = Nobody, Weight = 2,
            Write = static people =>
            {
                var mail = people.Email;
                return new PlantedText($"Write a campaign mail to {mail}, who was treated for {people.Diagnosis}.", [mail]);
            },
        },
        new()
        {
            Name = "card with security code", Model = "payments-chat", DataClass = "card-number", Subjects = "us", Purpose = "customer-service",
            Lawful = Nobody, MustBeRedactedAt = Nobody, Weight = 1,
            Write = static people =>
            {
                var card = people.Card;
                return new PlantedText($"Charge card {card}, CVV 737, for {people.Product}.", [card]);
            },
        },
        new()
        {
            Name = "nobody classified it", Model = "public-chat", DataClass = null, Subjects = null, Purpose = null,
            Lawful = Nobody, MustBeRedactedAt = Nobody, Weight = 1,
            Write = static people => new PlantedText($"Compare {people.Product} with its competitors.", []),
        },
    ];
}
