using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace PolicyRouter.Redaction;

/// <summary>A named set of kinds of finding that a policy duty asks to be removed (<c>redact: hipaa-direct-identifiers</c>).</summary>
public sealed class RedactionProfile
{
    private static readonly FrozenDictionary<string, RedactionProfile> All = new RedactionProfile[]
    {
        // 45 CFR 164.514(b)(2)(i): (A) names, (B) geography, (C) dates, (D) telephone, (E) fax, (F) e-mail, (G) SSN,
        // (H) medical record, (I) health plan, (J) account, (K) certificate and licence, (L) vehicle, (M) device, (N) URL, (O) IP,
        // (P) and (Q) biometrics and images [not text], (R) any other unique number or code.
        new("hipaa-safe-harbor-18", Enum.GetValues<FindingType>()),

        // 45 CFR 164.514(e)(2), the limited data set: the same without dates and ages, and without towns, states and ZIP codes.
        new("hipaa-direct-identifiers", 
        [
            .. Enum.GetValues<FindingType>().Where(static t =>
                t is not FindingType.Date and not FindingType.DateOfBirth and not FindingType.Locality and not FindingType.Age),
        ]),

        // PCI DSS v4.0.1 requirements 3.3 and 3.4: the PAN, and the security code beside it.
        new("pci-pan", [FindingType.PaymentCard, FindingType.CardSecurityCode]),

        // GDPR Article 4(1): what identifies a natural person directly, online identifiers included, and credentials.
        new("gdpr-direct",
        [
            FindingType.PersonName, FindingType.Email, FindingType.Phone, FindingType.UsSsn, FindingType.PaymentCard, FindingType.CardSecurityCode,
            FindingType.Iban, FindingType.UsBankRouting, FindingType.BankAccount, FindingType.IpAddress, FindingType.DateOfBirth,
            FindingType.StreetAddress, FindingType.Locality,
            FindingType.MedicalRecordNumber, FindingType.HealthPlanNumber, FindingType.OtherIdentifier, FindingType.Secret,
        ]),
        new("secrets", [FindingType.Secret, FindingType.CardSecurityCode]),
    }.ToFrozenDictionary(static p => p.Name, StringComparer.Ordinal);

    private readonly int _covered;

    private RedactionProfile(string name, ReadOnlySpan<FindingType> types)
    {
        Name = name;
        foreach (FindingType type in types)
        {
            _covered |= 1 << (int)type;
        }
    }

    /// <summary>Names of every profile this build can perform.</summary>
    public static IReadOnlySet<string> Names { get; } = All.Keys.ToFrozenSet(StringComparer.Ordinal);

    public string Name { get; }

    /// <summary>Finds a profile by its exact name. A duty that names another cannot be performed, so it denies.</summary>
    public static bool TryGet(string name, [MaybeNullWhen(false)] out RedactionProfile profile) =>
        All.TryGetValue(name, out profile);

    public bool Covers(FindingType type) => (_covered & (1 << (int)type)) != 0;

    public override string ToString() => Name;
}
