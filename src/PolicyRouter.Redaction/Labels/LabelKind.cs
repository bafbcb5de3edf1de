namespace PolicyRouter.Redaction.Labels;

/// <summary>What a label says about the value that follows it.</summary>
internal enum LabelKind : byte
{
    None,
    SocialSecurity,
    MedicalRecord,
    HealthPlan,
    Account,
    Routing,
    Card,
    CardSecurity,
    Phone,
    BirthDate,
    Iban,
    Identifier,
    Password,

    /// <summary>"token", "secret", "api key": words of everyday technical prose, so the value must look like a credential.</summary>
    Credential,

    /// <summary>"patient", "cardholder name": the value is a person's name.</summary>
    Person,

    /// <summary>"name": a person's when the value looks like one.</summary>
    Name,

    /// <summary>"version", "section", "tool call": the number that follows is no address and nobody's.</summary>
    Version,
}
