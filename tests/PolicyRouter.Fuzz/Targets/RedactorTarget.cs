using System.Runtime.InteropServices;
using System.Text;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;
using PolicyRouter.Redaction.Restoring;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// Texts of prompts: detection, replacement and restoring. Never throws; findings lie in order, apart and inside the text; what was replaced is restored to the letter, at once and
/// over any cut of a stream. An input that begins with 0xFF is UTF-16 behind it, halves of surrogate pairs included.
/// </summary>
internal static class RedactorTarget
{
    private static readonly SensitiveTextScanner Scanner = new();
    private static readonly RedactionProfile[] Profiles = [.. RedactionProfile.Names.Order(StringComparer.Ordinal).Select(static name => RedactionProfile.TryGet(name, out var profile) ? profile : null!)];

    static RedactorTarget() => SensitiveTextScanner.Prepare();

    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = input is [0xFF, .. var units] ? MemoryMarshal.Cast<byte, char>(units).ToString() : Encoding.UTF8.GetString(input);
        List<Finding> findings = [];
        var allocation = Allocation.Begin();
        Scanner.Scan(text, default, findings);
        allocation.End(input.Length, fixedBytes: 1_048_576);
        CheckOrder(text.Length, findings);
        foreach (var profile in Profiles)
        {
            CheckReplacement(text, findings, profile);
        }

        CheckBoundary(text);
    }

    private static void CheckReplacement(string text, List<Finding> findings, RedactionProfile profile)
    {
        using PlaceholderTable table = new();
        var replaced = 0;
        var redacted = table.Replace(text, findings, [profile], ref replaced);
        if (redacted is null)
        {
            return;
        }

        BrokenPromiseException.ThrowUnless((table.Restore(redacted, RestoreContext.Text) ?? redacted) == text, "what was replaced is restored to the letter");
        foreach (var slice in (int[])[1, 7, 40])
        {
            StreamRestorer restorer = new(table, RestoreContext.Text);
            StringBuilder streamed = new();
            for (var at = 0; at < redacted.Length; at += slice)
            {
                streamed.Append(restorer.Push(redacted.Substring(at, Math.Min(slice, redacted.Length - at))));
            }

            BrokenPromiseException.ThrowUnless(streamed.Append(restorer.Flush()).ToString() == text, "a stream is restored as the whole is");
        }
    }

    private static void CheckBoundary(string text)
    {
        List<Finding> left = [];
        List<Finding> right = [];
        var middle = text.Length / 2;
        Scanner.ScanBoundaries([new(text[..middle], left), new(text[middle..], right)]);
        CheckOrder(middle, left);
        CheckOrder(text.Length - middle, right);
    }

    private static void CheckOrder(int length, List<Finding> findings)
    {
        var end = 0;
        foreach (var finding in findings)
        {
            BrokenPromiseException.ThrowUnless(finding.Start >= end && finding.Length > 0 && finding.End <= length, "findings lie in order, apart and inside the text");
            end = finding.End;
        }
    }
}
