using System.Globalization;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// The name of one log: a shard in one epoch, under the origin of the installation. It is the first line of the log's checkpoints and the
/// name of the key in their signatures: <c>hospital.example/policyrouter/gateway-1/12</c>.
/// </summary>
internal sealed record LogName(string Origin, string Shard, long Epoch)
{
    /// <summary>True for what can begin the name of a log: visible characters without <c>+</c>, which signed notes use themselves.</summary>
    public static bool IsOrigin(string text) =>
        text.Length is > 0 and <= 200 && !text.Any(static character => char.IsWhiteSpace(character) || char.IsControl(character) || character == '+');

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Origin}/{Escape(Shard)}/{Epoch}");

    public static LogName? TryParse(string text)
    {
        var parts = text.Split('/');
        return parts.Length >= 3 && long.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? new LogName(string.Join('/', parts[..^2]), Uri.UnescapeDataString(parts[^2]), epoch)
            : null;
    }

    /// <summary>The shard as a part of a name, a file's or a log's: no dot, slash, space or plus.</summary>
    public static string Escape(string shard) => Uri.EscapeDataString(shard).Replace(".", "%2E", StringComparison.Ordinal);
}
