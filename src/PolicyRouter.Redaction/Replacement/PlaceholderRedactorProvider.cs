using System.Collections.Frozen;
using Microsoft.Extensions.Compliance.Classification;
using Microsoft.Extensions.Compliance.Redaction;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// The redactors of one table: by classification of <see cref="DataTaxonomy"/> a placeholder, and by method what the method says. Data of a classification that is
/// not known here, or of several at once, is erased.
/// </summary>
internal sealed class PlaceholderRedactorProvider(PlaceholderTable table, ReplacementSources sources) : IRedactorProvider
{
    private const int Methods = 6;
    private static readonly int Kinds = Enum.GetValues<FindingType>().Length;

    private static readonly FrozenDictionary<DataClassificationSet, FindingType> Known =
        Enum.GetValues<FindingType>().ToFrozenDictionary(static t => new DataClassificationSet(DataTaxonomy.Of(t)));

    // By method, and of it by kind; most texts need none.
    private readonly Redactor?[]?[] _redactors = new Redactor?[]?[Methods];

    public Redactor GetRedactor(DataClassificationSet classifications) =>
        Known.TryGetValue(classifications, out FindingType type) ? For(type, RedactionMethod.Placeholder, isBareNumber: false) : ErasingRedactor.Instance;

    /// <summary>The redactor of a kind; in the place of a number token of JSON it writes a string.</summary>
    public Redactor For(FindingType type, RedactionMethod method, bool isBareNumber) =>
        (_redactors[(int)method] ??= new Redactor?[2 * Kinds])[((int)type * 2) + (isBareNumber ? 1 : 0)] ??= Make(type, method, isBareNumber);

    private Redactor Make(FindingType type, RedactionMethod method, bool isBareNumber)
    {
        PlaceholderRedactor placeholder = new(table, PlaceholderFormat.KindOf(type), isBareNumber && method == RedactionMethod.Placeholder);
        Redactor redactor = method switch
        {
            RedactionMethod.Erase => ErasingRedactor.Instance,
            RedactionMethod.Pseudonym => new PseudonymRedactor(sources.Key, PlaceholderFormat.KindOf(type), placeholder),
            RedactionMethod.Shift => new DateShiftRedactor(sources.ShiftDays, placeholder),
            RedactionMethod.Mask => new MaskRedactor(type, placeholder),
            RedactionMethod.Generalise => new GeneralisingRedactor(type, sources.Time, placeholder),
            _ => placeholder,
        };
        return isBareNumber && method != RedactionMethod.Placeholder ? new QuotingRedactor(redactor) : redactor;
    }
}
