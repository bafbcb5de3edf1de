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
        if (table.Count == 0)
        {
            return piece;
        }

        string text = _held.Length == 0 ? piece : _held + piece;
        int ready = ReadyLength(text);
        _held = ready == text.Length ? string.Empty : text[ready..];
        return Restored(ready == text.Length ? text : text[..ready]);
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
    private int ReadyLength(string text)
    {
        int settled = Math.Max(0, text.Length - PlaceholderMatcher.MaxLength);
        settled = EndOfMatchOver(text, settled);
        for (int start = settled; start < text.Length; start++)
        {
            if (table.Matcher.IsBeginning(text.AsSpan(start)))
            {
                return start;
            }
        }

        return text.Length;
    }

    // No placeholder begins inside another one.
    private int EndOfMatchOver(string text, int from)
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
