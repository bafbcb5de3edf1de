using Microsoft.Extensions.Compliance.Redaction;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>Puts the table's placeholder in the place of a value. Reversible through the same table only.</summary>
internal sealed class PlaceholderRedactor(PlaceholderTable table, string kind, bool isBareNumber) : Redactor
{
    public override int GetRedactedLength(ReadOnlySpan<char> input) =>
        input.IsEmpty ? 0 : table.Assign(input, kind, isBareNumber).PlaceholderLength;

    public override int Redact(ReadOnlySpan<char> source, Span<char> destination) =>
        source.IsEmpty ? 0 : table.Assign(source, kind, isBareNumber).Write(table.Nonce, destination);
}
