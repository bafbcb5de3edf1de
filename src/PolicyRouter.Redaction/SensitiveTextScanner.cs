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
    /// Finds values that begin in one text part and end in a later one, in as many pieces as there are parts: appends each piece to the findings of its part, which stay ordered and
    /// without overlaps. Of a part longer than 128 characters the first and the last 64 are read, of a shorter one all; each once.
    /// </summary>
    public void ScanBoundaries(IReadOnlyList<TextPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        char[] joined = ArrayPool<char>.Shared.Rent(parts.Sum(static part => Math.Min(part.Text.Length, 2 * BoundaryReach)) + 1);
        List<(int Part, int Start, int At)> pieces = [];
        int length = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            string text = parts[i].Text;
            bool isShort = text.Length <= 2 * BoundaryReach;
            pieces.Add((i, 0, length));
            length += Copy(text.AsSpan(0, isShort ? text.Length : BoundaryReach), joined, length);
            if (!isShort || i == parts.Count - 1)
            {
                ScanJoined(joined.AsSpan(0, length), pieces, parts);
                pieces.Clear();
                pieces.Add((i, Math.Max(0, text.Length - BoundaryReach), 0));
                length = Copy(text.AsSpan(Math.Max(0, text.Length - BoundaryReach)), joined, 0);
            }
        }

        ArrayPool<char>.Shared.Return(joined, clearArray: true);
    }

    private static int Copy(ReadOnlySpan<char> text, char[] joined, int at)
    {
        text.CopyTo(joined.AsSpan(at));
        return text.Length;
    }

    /// <summary>Adds what stands in more than one piece to the parts that these are of.</summary>
    private void ScanJoined(ReadOnlySpan<char> joined, List<(int Part, int Start, int At)> pieces, IReadOnlyList<TextPart> parts)
    {
        List<Finding> found = [];
        if (pieces.Count > 1)
        {
            Scan(joined, default, found);
        }

        int first = 0;
        int changed = -1;
        foreach (Finding finding in found)
        {
            while (first + 1 < pieces.Count && pieces[first + 1].At <= finding.Start)
            {
                first++;
            }

            for (int i = first; first + 1 < pieces.Count && finding.End > pieces[first + 1].At && i < pieces.Count && pieces[i].At < finding.End; i++)
            {
                int from = Math.Max(finding.Start, pieces[i].At);
                int to = Math.Min(finding.End, i + 1 < pieces.Count ? pieces[i + 1].At : joined.Length);
                if (to > from)
                {
                    parts[pieces[i].Part].Findings.Add(finding with { Start = from - pieces[i].At + pieces[i].Start, Length = to - from });
                    Settle(changed != i ? changed : -1);
                    changed = i;
                }
            }
        }

        Settle(changed);

        // Findings come in order: none is added to a piece once one was to the next.
        void Settle(int piece)
        {
            if (piece >= 0)
            {
                TextPart part = parts[pieces[piece].Part];
                FindingResolver.Resolve(part.Findings, 0, part.Text);
            }
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
