using System.Text.RegularExpressions;

namespace PolicyRouter.Policies.Reading;

/// <summary>Keeps secrets that were written into a policy file by mistake out of what is said about the file.</summary>
internal static partial class SecretLines
{
    private static readonly string[] Key = ["credential"];
    private static readonly string[] References = ["vault:", "env:", "file:"];

    /// <summary>
    /// The line, to be shown with a problem; null when it gives a credential that is no reference, under that key or a misspelling of it: whatever else is
    /// wrong on the line, that may be the secret itself.
    /// </summary>
    public static string? Shown(string? line) => line is null || Pairs().Matches(line).Any(static pair => IsSecret(pair.Groups["key"].Value, pair.Groups["value"].Value)) ? null : line;

    private static bool IsSecret(string key, string value) =>
        NearestWord.To(key, Key) is not null && !Array.Exists(References, reference => value.StartsWith(reference, StringComparison.Ordinal));

    [GeneratedRegex("""(?<key>[A-Za-z_-]{6,14})["']?\s*[:=]\s*["']?(?<value>[^\s"'#,}\]]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex Pairs();
}
