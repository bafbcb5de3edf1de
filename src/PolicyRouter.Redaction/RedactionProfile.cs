using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace PolicyRouter.Redaction;

/// <summary>
/// A named set of kinds of finding that a policy duty asks to be removed (<c>redact: hipaa-direct-identifiers</c>), with what stands in their place and how
/// sure a finding must be.
/// </summary>
public sealed class RedactionProfile
{
    private static readonly FindingType[] Identifying = [.. Enum.GetValues<FindingType>().Where(static type => type != FindingType.ClinicalTerm)];

    private static readonly FrozenDictionary<string, RedactionProfile> All = new RedactionProfile[]
    {
        // 45 CFR 164.514(b)(2)(i): (A) names, (B) geography, (C) dates, (D) telephone, (E) fax, (F) e-mail, (G) SSN,
        // (H) medical record, (I) health plan, (J) account, (K) certificate and licence, (L) vehicle, (M) device, (N) URL, (O) IP,
        // (P) and (Q) biometrics and images [not text], (R) any other unique number or code. Employers are named among those of (A).
        new("hipaa-safe-harbor-18", Identifying),

        // 45 CFR 164.514(e)(2), the limited data set: the same without dates and ages, and without towns, states and ZIP codes.
        new("hipaa-direct-identifiers",
        [
            .. Identifying.Where(static type =>
                type is not FindingType.Date and not FindingType.DateOfBirth and not FindingType.Locality and not FindingType.Age and not FindingType.Organization),
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

    // By kind; null for a kind that stays as it is.
    private readonly RedactionMethod?[] _methods = new RedactionMethod?[Enum.GetValues<FindingType>().Length];

    private RedactionProfile(string name, IEnumerable<FindingType> types)
    {
        Name = name;
        foreach (FindingType type in types)
        {
            _methods[(int)type] = RedactionMethod.Placeholder;
        }
    }

    private RedactionProfile(string name, RedactionProfile basis, Confidence least, IReadOnlyDictionary<FindingType, RedactionMethod?> methods)
    {
        Name = name;
        Least = least;
        basis._methods.CopyTo(_methods, 0);
        foreach ((FindingType type, RedactionMethod? method) in methods)
        {
            _methods[(int)type] = method;
        }
    }

    /// <summary>Names of the profiles that every build has.</summary>
    public static IReadOnlySet<string> Names { get; } = All.Keys.ToFrozenSet(StringComparer.Ordinal);

    public string Name { get; }

    /// <summary>A finding of less confidence stays as it is.</summary>
    public Confidence Least { get; }

    /// <summary>Finds a profile that every build has by its exact name. A duty that names another cannot be performed, so it denies.</summary>
    public static bool TryGet(string name, [MaybeNullWhen(false)] out RedactionProfile profile) =>
        All.TryGetValue(name, out profile);

    /// <summary>A profile made of another one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="basis">What it covers unless <paramref name="methods"/> says otherwise.</param>
    /// <param name="least">The least confidence of a finding that it covers.</param>
    /// <param name="methods">What stands in the place of some kinds; null leaves the kind as it is.</param>
    public static RedactionProfile Of(string name, RedactionProfile basis, Confidence least, IReadOnlyDictionary<FindingType, RedactionMethod?> methods)
    {
        ArgumentNullException.ThrowIfNull(basis);
        ArgumentNullException.ThrowIfNull(methods);
        return new RedactionProfile(name, basis, least, methods);
    }

    public bool Covers(FindingType type) => _methods[(int)type] is not null;

    /// <summary>What stands in the place of this finding; null when the profile leaves it.</summary>
    public RedactionMethod? MethodFor(Finding finding) => finding.Confidence < Least ? null : _methods[(int)finding.Type];

    public override string ToString() => Name;
}
