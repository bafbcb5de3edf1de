using System.Diagnostics;

namespace PolicyRouter.Redaction;

/// <summary>
/// What the findings of one request prove about its data classes. A kind proves what it is; a person beside a diagnosis or a medicine, anywhere in the request,
/// proves health information (45 CFR 160.103: identity and health together). Findings of low confidence prove nothing, though they are redacted.
/// </summary>
public sealed class ClassEvidence
{
    private const string Health = "phi";

    private static readonly string[] Personal = ["pii"];
    private static readonly string[] HealthOnly = [Health];
    private static readonly string[] Financial = ["npi"];
    private static readonly string[] CardNumber = ["card-number"];
    private static readonly string[] CardSecret = ["card-secret"];
    private static readonly string[] Credentials = ["secret"];

    private readonly SortedSet<string> _classes = new(StringComparer.Ordinal);
    private bool _isClinical;

    /// <summary>The classes that are proved, each once, in ordinal order.</summary>
    public IReadOnlyList<string> Classes
    {
        get
        {
            bool isHealth = _isClinical && _classes.Overlaps(Personal);
            return isHealth && !_classes.Contains(Health) ? [.. _classes.Append(Health).Order(StringComparer.Ordinal)] : [.. _classes];
        }
    }

    public void Add(Finding finding)
    {
        _isClinical |= finding.Type == FindingType.ClinicalTerm;
        if (finding.Confidence > Confidence.Low)
        {
            _classes.UnionWith(ClassesOf(finding.Type));
        }
    }

    /// <summary>The data classes that a kind of finding proves by itself: <c>pii</c>, <c>phi</c>, <c>card-number</c>, <c>card-secret</c>, ...</summary>
    /// <remarks>A URL, a date, a town, an organisation, an age or a diagnosis by itself says nothing about anybody: no class.</remarks>
    public static IReadOnlyList<string> ClassesOf(FindingType type) =>
        type switch
        {
            FindingType.Email or FindingType.Phone or FindingType.UsSsn or FindingType.IpAddress or FindingType.PersonName
                or FindingType.DateOfBirth or FindingType.StreetAddress or FindingType.OtherIdentifier => Personal,
            FindingType.PaymentCard => CardNumber,
            FindingType.CardSecurityCode => CardSecret,
            FindingType.Iban or FindingType.UsBankRouting or FindingType.BankAccount => Financial,
            FindingType.MedicalRecordNumber or FindingType.HealthPlanNumber => HealthOnly,
            FindingType.Secret => Credentials,
            FindingType.Url or FindingType.Date or FindingType.Locality or FindingType.Age or FindingType.Organization or FindingType.ClinicalTerm => [],
            _ => throw new UnreachableException("No data class is known for this kind of finding."),
        };
}
