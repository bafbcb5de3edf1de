using System.Globalization;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// What a log was at some time: its name, its number of entries, the root hash over them, by C2SP tlog-checkpoint. The time is an
/// extension line, so that a checkpoint of an idle log says that nothing happened until then.
/// </summary>
/// <param name="Root">32 bytes.</param>
/// <param name="At">When it was signed; null when it does not say.</param>
internal sealed record Checkpoint(string Name, long Size, byte[] Root, DateTimeOffset? At)
{
    private const string TimeLine = "at ";

    /// <summary>The lines that are signed, each with its end.</summary>
    public string ToText()
    {
        var time = At is { } at ? $"{TimeLine}{at.UtcDateTime.ToString(CanonicalJson.TimeFormat, CultureInfo.InvariantCulture)}\n" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Name}\n{Size}\n{Convert.ToBase64String(Root)}\n{time}");
    }

    /// <exception cref="FormatException">These lines are no checkpoint.</exception>
    public static Checkpoint Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length > 0 || lines[..^1].Any(static line => line.Length == 0)
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || (lines[1][0] == '0' && lines[1].Length > 1)
            || Base64Text.Decode(lines[2]) is not { Length: TreeHash.Size } root)
        {
            throw new FormatException("The text is not a checkpoint.");
        }

        DateTimeOffset? at = null;
        foreach (var line in lines[3..^1].Where(static line => line.StartsWith(TimeLine, StringComparison.Ordinal)))
        {
            at = DateTimeOffset.ParseExact(line[TimeLine.Length..], CanonicalJson.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        }

        return new Checkpoint(lines[0], size, root, at);
    }
}
