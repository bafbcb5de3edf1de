using System.Collections.Frozen;
using Microsoft.Extensions.Compliance.Classification;
using Microsoft.Extensions.Compliance.Redaction;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// The redactors of one table, by classification of <see cref="DataTaxonomy"/>. Data of a classification that is not known here,
/// or of several at once, is erased.
/// </summary>
internal sealed class PlaceholderRedactorProvider(PlaceholderTable table) : IRedactorProvider
{
    private static readonly FrozenDictionary<DataClassificationSet, FindingType> Known =
        Enum.GetValues<FindingType>().ToFrozenDictionary(static t => new DataClassificationSet(DataTaxonomy.Of(t)));

    private readonly PlaceholderRedactor?[] _redactors = new PlaceholderRedactor?[2 * Enum.GetValues<FindingType>().Length];

    public Redactor GetRedactor(DataClassificationSet classifications) =>
        Known.TryGetValue(classifications, out FindingType type) ? For(type, isBareNumber: false) : ErasingRedactor.Instance;

    /// <summary>The redactor of a kind; for a number token of JSON the placeholder is quoted.</summary>
    public Redactor For(FindingType type, bool isBareNumber) =>
        _redactors[(2 * (int)type) + (isBareNumber ? 1 : 0)] ??= new PlaceholderRedactor(table, PlaceholderFormat.KindOf(type), isBareNumber);
}
