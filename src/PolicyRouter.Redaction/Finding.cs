namespace PolicyRouter.Redaction;

/// <summary>What kind of sensitive value was found.</summary>
public enum FindingType
{
    Email,
    Phone,

    /// <summary>US Social Security number, or the ITIN that is written in the same way.</summary>
    UsSsn,

    /// <summary>Primary account number of a payment card.</summary>
    PaymentCard,

    /// <summary>CVV, CVC or PIN of a payment card: sensitive authentication data, which may never be kept.</summary>
    CardSecurityCode,
    Iban,
    UsBankRouting,
    BankAccount,

    /// <summary>IPv4 or IPv6 address.</summary>
    IpAddress,
    Url,

    /// <summary>A calendar date with at least a month and a day, or a month and a year.</summary>
    Date,
    MedicalRecordNumber,
    HealthPlanNumber,

    /// <summary>Any other number or code that a label says belongs to one person, licence, vehicle or device.</summary>
    OtherIdentifier,

    /// <summary>Password, key, token or other credential.</summary>
    Secret,
    PersonName,

    /// <summary>A date that a label says somebody was born on.</summary>
    DateOfBirth,

    /// <summary>House number and street, or a post office box.</summary>
    StreetAddress,

    /// <summary>A town, with or without state and ZIP code, or a ZIP code.</summary>
    Locality,

    /// <summary>An age over 89.</summary>
    Age,

    /// <summary>A company, hospital, school or authority.</summary>
    Organization,

    /// <summary>
    /// A diagnosis, medicine, procedure or test. Nothing to remove; but beside a person it makes the text health information (45 CFR 160.103).
    /// </summary>
    ClinicalTerm,
}

/// <summary>How sure a detector is. A labelled value is redacted even when its checksum fails: typos are still PHI.</summary>
public enum Confidence : byte
{
    Low,
    Medium,
    High,
}

/// <summary>A sensitive span of one text, in UTF-16 code units. Holds no text.</summary>
public readonly record struct Finding(int Start, int Length, FindingType Type, Confidence Confidence)
{
    public int End => Start + Length;
}
