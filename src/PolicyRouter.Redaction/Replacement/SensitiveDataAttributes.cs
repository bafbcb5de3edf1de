using Microsoft.Extensions.Compliance.Classification;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>Marks a parameter of a log message that names a person: it is erased before it is written.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class PersonalDataAttribute() : DataClassificationAttribute(DataTaxonomy.Of(FindingType.PersonName));

/// <summary>Marks a parameter of a log message that may be a credential: it is erased before it is written.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SecretDataAttribute() : DataClassificationAttribute(DataTaxonomy.Of(FindingType.Secret));

/// <summary>Marks a parameter of a log message that somebody wrote freely and that may hold anything: it is erased before it is written.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class FreeTextAttribute() : DataClassificationAttribute(DataClassification.Unknown);
