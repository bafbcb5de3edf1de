using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Redaction.Restoring;

/// <summary>
/// Restores placeholders in one text that arrives in pieces (one choice's content, one tool call's arguments), holding back
/// no more than the longest suffix that could still become a placeholder. All pieces together give what
/// <see cref="PlaceholderTable.Restore"/> gives for the whole text, however it was cut. Not safe for use by several threads at once.
/// </summary>
public sealed class StreamRestorer(PlaceholderTable table, RestoreContext context)
{
    private string _held = string.Empty;

    /// <summary>Takes the next piece and returns what can be shown now; may be empty.</summary>
    public string Push(string piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return Take(piece) ?? piece;
    }

    /// <summary>Takes the next piece and returns what can be shown now, or null when that is the piece as it is: most pieces of an answer.</summary>
    public string? Take(ReadOnlySpan<char> piece)
    {
        if (table.Count == 0)
        {
            return null;
        }

        if (_held.Length > 0)
        {
            string text = string.Concat(_held, piece);
            int shown = ReadyLength(text);
            _held = text[shown..];
            return Restored(text[..shown]);
        }

        int ready = ReadyLength(piece);
        if (ready == piece.Length)
        {
            return table.Restore(piece, context);
        }

        _held = piece[ready..].ToString();
        return Restored(piece[..ready].ToString());
    }

    /// <summary>Returns what was held back; call once when the text ends, whole or cut.</summary>
    public string Flush()
    {
        string rest = _held;
        _held = string.Empty;
        return Restored(rest);
    }

    private string Restored(string text) => text.Length == 0 ? text : table.Restore(text, context) ?? text;

    // Everything before the first place from which the text could run on into a placeholder. A whole placeholder at the very end
    // is such a place too, because its number may go on.
    private int ReadyLength(ReadOnlySpan<char> text)
    {
        int settled = Math.Max(0, text.Length - PlaceholderMatcher.MaxLength);
        settled = EndOfMatchOver(text, settled);
        for (int start = settled; start < text.Length; start++)
        {
            int next = table.Matcher.IndexOfFirstLetter(text[start..]);
            if (next < 0)
            {
                break;
            }

            start += next;
            if (table.Matcher.IsBeginning(text[start..]))
            {
                return start;
            }
        }

        return text.Length;
    }

    // No placeholder begins inside another one.
    private int EndOfMatchOver(ReadOnlySpan<char> text, int from)
    {
        int at = 0;
        int settled = from;
        while (table.TryFindOurs(text, at, out PlaceholderMatch match))
        {
            bool mayGrow = match.End == text.Length && text[^1] != '"';
            if (mayGrow)
            {
                break;
            }

            at = match.End;
            settled = Math.Max(settled, at);
        }

        return settled;
    }
}
