using Microsoft.Extensions.Compliance.Classification;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// The kinds of finding as data classifications of the .NET compliance framework: the taxonomy is the regime that protects
/// them, the value is the kind.
/// </summary>
public static class DataTaxonomy
{
    /// <summary>Protected health information (45 CFR 160.103).</summary>
    public const string Phi = "PolicyRouter.PHI";

    /// <summary>Personal data (GDPR Article 4(1)).</summary>
    public const string Pii = "PolicyRouter.PII";

    /// <summary>Cardholder and sensitive authentication data (PCI DSS v4.0.1).</summary>
    public const string Pci = "PolicyRouter.PCI";

    /// <summary>Customer financial information (16 CFR 314.2).</summary>
    public const string Npi = "PolicyRouter.NPI";

    /// <summary>Credentials.</summary>
    public const string Secret = "PolicyRouter.Secret";

    private static readonly DataClassification[] Classifications =
        [.. Enum.GetValues<FindingType>().Select(static t => new DataClassification(RegimeOf(t), t.ToString()))];

    public static DataClassification Of(FindingType type) => Classifications[(int)type];

    private static string RegimeOf(FindingType type) =>
        type switch
        {
            FindingType.MedicalRecordNumber or FindingType.HealthPlanNumber => Phi,
            FindingType.PaymentCard or FindingType.CardSecurityCode => Pci,
            FindingType.Iban or FindingType.UsBankRouting or FindingType.BankAccount => Npi,
            FindingType.Secret => Secret,
            _ => Pii,
        };
}
