using PolicyRouter.Gateway.Wire;
using PolicyRouter.Redaction;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// Looks into the identifiers of one prompt. They are looked into like any text, but a word alone, in lower case or inside of what a machine made, is taken for no person and no place:
/// "lon" and "halley" are names of parameters. Who is known from elsewhere in the request is found in them all the same, by <see cref="KnownValues"/>.
/// </summary>
internal sealed class IdentifierScanner(SensitiveTextScanner scanner)
{
    // A table says its names again in every row.
    private Dictionary<string, Finding[]>? _names;

    /// <summary>Appends what is found, in order and without overlaps.</summary>
    public void Scan(IdentifierKind kind, string text, List<Finding> findings)
    {
        if (kind is IdentifierKind.Id)
        {
            scanner.Scan(text, default, findings);

            // Among random letters there is a label here and there. Only what is the whole id was written as one.
            findings.RemoveAll(finding => IsWord(finding) || finding.Length < text.Length);
            return;
        }

        _names ??= new(StringComparer.Ordinal);
        if (_names.TryGetValue(text, out var seen))
        {
            findings.AddRange(seen);
            return;
        }

        scanner.Scan(text, default, findings);
        if (findings.Count > 0 && !char.IsUpper(text[0]) && !text.Contains(' ', StringComparison.Ordinal))
        {
            findings.RemoveAll(IsWord);
        }

        _names[text] = [.. findings];
    }

    /// <summary>True for what is known by its words, and has no form of its own.</summary>
    private static bool IsWord(Finding finding) => finding.Type is FindingType.PersonName or FindingType.Locality or FindingType.Organization;
}
