namespace PolicyRouter.Redaction.Tests;

/// <summary>Scans a text and shows what was found as "Type:value", clinical terms left out, for assertions that read well.</summary>
internal static class Scans
{
    private static readonly SensitiveTextScanner Scanner = new();

    public static List<Finding> Of(string text, string key = "")
    {
        List<Finding> findings = [];
        Scanner.Scan(text, key, findings);
        return findings;
    }

    public static string Shown(string text, string key = "") =>
        string.Join(" | ", Of(text, key).Where(static f => f.Type != FindingType.ClinicalTerm).Select(f => $"{f.Type}:{text.Substring(f.Start, f.Length)}"));
}
