using PolicyRouter.Gateway.Wire;
using PolicyRouter.Redaction;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>One text position with what was found in it; often nothing.</summary>
internal sealed record ScannedPosition(TextPosition Position, string Text, List<Finding> Findings);

/// <summary>A prompt after classification: every text position, and what the findings prove.</summary>
internal sealed class ScannedPrompt
{
    private int? _tokens;

    private ScannedPrompt(PromptDocument document, RedactionSetup setup, IReadOnlyList<ScannedPosition> positions)
    {
        Document = document;
        Setup = setup;
        Positions = positions;
    }

    public PromptDocument Document { get; }

    /// <summary>What it was scanned with, and is redacted by.</summary>
    public RedactionSetup Setup { get; }

    /// <summary>In the order of the body.</summary>
    public IReadOnlyList<ScannedPosition> Positions { get; }

    /// <summary>Tokens of its texts, as a tokenizer counts them that may not be the model's own.</summary>
    public int Tokens => _tokens ??= Positions.Sum(static scanned => TokenCount.Of(scanned.Text));

    /// <summary>Data classes that the findings prove, each once.</summary>
    public required IReadOnlyList<string> DetectedClasses { get; init; }

    /// <summary>What was found in names of members. Only a placeholder can stand for a name: it tells one from another, and comes back.</summary>
    public required IReadOnlyList<Finding> FoundInNames { get; init; }

    /// <summary>Findings by type.</summary>
    public required IReadOnlyDictionary<string, int> Counts { get; init; }

    /// <summary>
    /// True when texts and answer fit into so many tokens. Counted only where it could matter: a token has at least one byte, and the body has bytes that are
    /// no tokens.
    /// </summary>
    public bool FitsInto(int window)
    {
        var answer = Document.LongestAnswer ?? 0;
        return Document.Raw.Length + answer <= window || Tokens + answer <= window;
    }

    /// <summary>
    /// Looks into every text position, and then for every name and labelled identifier again in all of them: what is personal in
    /// one message is personal in the next, label or not.
    /// </summary>
    public static ScannedPrompt Scan(PromptDocument document, RedactionSetup setup)
    {
        var scanner = setup.Scanner;
        IdentifierScanner identifiers = new(scanner);
        List<ScannedPosition> positions = new(document.Positions.Count);
        using KnownValues known = new();
        foreach (var position in document.Positions)
        {
            ScannedPosition scanned = new(position, document.TextOf(position), []);
            if (position.Identifier is IdentifierKind.None)
            {
                scanner.Scan(scanned.Text, position.Key, scanned.Findings);
            }
            else
            {
                identifiers.Scan(position.Identifier, scanned.Text, scanned.Findings);
            }

            known.Learn(scanned.Text, scanned.Findings);
            positions.Add(scanned);
        }

        // A value may begin in one part of a message and end in another, whatever else stands between them in the body.
        scanner.ScanBoundaries([.. positions.Where(static scanned => scanned.Position is { Key: "text" or "content", IsNumber: false, Identifier: IdentifierKind.None }).Select(static scanned => new TextPart(scanned.Text, scanned.Findings))]);

        List<Finding> foundInNames = [];
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        ClassEvidence evidence = new();
        foreach (var scanned in positions)
        {
            known.AddMentions(scanned.Text, scanned.Findings);
            if (scanned.Position.Identifier is IdentifierKind.Name)
            {
                foundInNames.AddRange(scanned.Findings);
            }

            foreach (var finding in scanned.Findings)
            {
                var name = finding.Type.ToString();
                counts[name] = counts.GetValueOrDefault(name) + 1;
                evidence.Add(finding);
            }
        }

        return new ScannedPrompt(document, setup, positions) { DetectedClasses = evidence.Classes, Counts = counts, FoundInNames = foundInNames };
    }
}
