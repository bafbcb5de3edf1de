using System.Text;
using PolicyRouter.Audit.Reading;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>Cursors of pages, which come back in addresses. Nothing but <see cref="ArgumentException"/> is thrown, and what is read is written as what it was read from.</summary>
internal static class CursorTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var allocation = Allocation.Begin();
        try
        {
            var cursor = HistoryCursor.Parse(text);
            BrokenPromiseException.ThrowUnless(HistoryCursor.Parse(cursor.ToString()) == cursor, "a cursor that is written is the cursor that is read");
        }
        catch (ArgumentException refused) when (refused.GetType() == typeof(ArgumentException))
        {
            BrokenPromiseException.ThrowUnless(text.Length < 8 || !refused.Message.Contains(text, StringComparison.Ordinal), "a refusal repeats nothing of the text");
        }

        allocation.End(input.Length, fixedBytes: 65_536);
    }
}
