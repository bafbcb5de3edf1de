using System.Buffers;
using PolicyRouter.Redaction.Detectors;
using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction;

/// <summary>
/// Finds sensitive spans. Stateless and safe for use by many threads. Takes time in proportion to the text, whatever it holds,
/// and allocates nothing when nothing is found.
/// </summary>
public sealed class SensitiveTextScanner
{
    // Only a digit, an '@', a colon or an equals sign can be part of a finding that has no known beginning.
    private static readonly SearchValues<char> Reasons = SearchValues.Create("0123456789@:=");

    private const int BoundaryReach = 64;

    // Encoded text in encoded text in encoded text: whoever goes deeper means to hide it from more than a reader.
    private const int MostLayers = 3;

    // By layer, made once: scanning allocates nothing.
    private readonly Action<ReadOnlySpan<char>, List<Finding>>[] _scanDecoded;

    private readonly RedactionLists _lists;

    /// <param name="lists">Texts that are always or never somebody's.</param>
    public SensitiveTextScanner(RedactionLists lists)
    {
        _lists = lists;
        _scanDecoded = [.. Enumerable.Range(1, MostLayers).Select<int, Action<ReadOnlySpan<char>, List<Finding>>>(layer => (decoded, found) => Scan(decoded, default, found, layer))];
    }

    /// <summary>A scanner without lists of its own.</summary>
    public SensitiveTextScanner()
        : this(RedactionLists.None)
    {
    }

    /// <summary>Loads the lists and the model, which otherwise happens with the first text.</summary>
    public static void Prepare() => new SensitiveTextScanner().Scan("Prepare", default, []);

    /// <summary>Appends the findings in <paramref name="text"/>, in order and without overlaps, to <paramref name="findings"/>.</summary>
    /// <param name="text">The decoded text, not its JSON escape. It may be JSON itself: its keys are then labels.</param>
    /// <param name="key">The JSON key or column the text stands under, as context; empty when there is none.</param>
    /// <param name="findings">Receives the findings.</param>
    public void Scan(ReadOnlySpan<char> text, ReadOnlySpan<char> key, List<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        Scan(text, key, findings, layer: 0);
    }

    private void Scan(ReadOnlySpan<char> text, ReadOnlySpan<char> key, List<Finding> findings, int layer)
    {
        int first = findings.Count;
        using CanonicalText canonical = CanonicalText.Of(text);
        ScanContext context = new(canonical.View, key, findings);
        _lists.Detect(ref context);
        LabelledTextDetector.DetectWhole(ref context);
        SecretDetector.Detect(ref context);
        PhraseDetector.Detect(ref context);
        Token[] tokens = Tokeniser.Read(canonical.View, out int count);
        TaggedNameDetector.Detect(ref context, tokens.AsSpan(0, count));
        SpelledDigitsDetector.Detect(ref context, tokens.AsSpan(0, count));
        Tokeniser.Return(tokens);
        if (layer < MostLayers)
        {
            EncodedTextDetector.Detect(ref context, _scanDecoded[layer]);
        }

        context.LabelledEnd = 0;
        context.UrlEnd = 0;
        Walk(ref context);
        DelimitedTable.Scan(context.Text, findings, static (cell, column, found) =>
        {
            ScanContext inCell = new(cell, column, found);
            LabelledTextDetector.DetectWhole(ref inCell);
            Walk(ref inCell);
        });
        if (findings.Count == first)
        {
            return;
        }

        FindingResolver.Resolve(findings, first, canonical.View);
        RepeatedMentions.Add(findings, first, canonical.View);
        _lists.Exempt(findings, first, canonical.View);
        canonical.MapBack(findings, first);
    }

    /// <summary>
    /// Finds values that begin in one text part and end in the next one of the same message: appends each half to the findings of
    /// its part, which stay ordered and without overlaps. A half may begin in the last 64 characters and end in the first 64.
    /// </summary>
    public void ScanBoundary(ReadOnlySpan<char> left, ReadOnlySpan<char> right, List<Finding> leftFindings, List<Finding> rightFindings)
    {
        ArgumentNullException.ThrowIfNull(leftFindings);
        ArgumentNullException.ThrowIfNull(rightFindings);
        ReadOnlySpan<char> end = left[^Math.Min(left.Length, BoundaryReach)..];
        ReadOnlySpan<char> start = right[..Math.Min(right.Length, BoundaryReach)];
        Span<char> joined = stackalloc char[2 * BoundaryReach];
        end.CopyTo(joined);
        start.CopyTo(joined[end.Length..]);
        joined = joined[..(end.Length + start.Length)];

        List<Finding> found = [];
        Scan(joined, default, found);
        joined.Clear();
        int leftCount = leftFindings.Count;
        foreach (Finding finding in found)
        {
            if (finding.Start < end.Length && finding.End > end.Length)
            {
                int begin = left.Length - end.Length + finding.Start;
                leftFindings.Add(finding with { Start = begin, Length = left.Length - begin });
                rightFindings.Add(finding with { Start = 0, Length = finding.End - end.Length });
            }
        }

        if (leftFindings.Count > leftCount)
        {
            FindingResolver.Resolve(leftFindings, 0, left);
            FindingResolver.Resolve(rightFindings, 0, right);
        }
    }

    private static void Walk(ref ScanContext context)
    {
        ReadOnlySpan<char> text = context.Text;
        int at = 0;
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(Reasons);
            if (found < 0)
            {
                return;
            }

            at += found;
            at = text[at] switch
            {
                '@' => EmailDetector.Detect(ref context, at),
                ':' or '=' => AtSign(ref context, at),
                _ => NumberDetector.Detect(ref context, at),
            };
        }
    }

    private static int AtSign(ref ScanContext context, int at)
    {
        if (context.Text[at] == ':')
        {
            if (UrlDetector.IsAuthority(context, at))
            {
                return UrlDetector.Detect(ref context, at);
            }

            int next = IpAddressDetector.DetectColonForm(ref context, at);
            if (next > at + 1)
            {
                return next;
            }
        }

        LabelledTextDetector.Detect(ref context, at);
        return at + 1;
    }
}
