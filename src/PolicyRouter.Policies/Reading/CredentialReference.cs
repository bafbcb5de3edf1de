namespace PolicyRouter.Policies.Reading;

/// <summary>What stands in a policy file for a secret: where it is kept.</summary>
internal static class CredentialReference
{
    /// <summary>True for <c>vault:NAME</c>, <c>env:NAME</c> and <c>file:PATH</c>.</summary>
    public static bool IsSecret(string text) => Split(text) switch
    {
        (_, "") => false,
        ("vault", var name) => name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'),
        ("env", var name) => name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'),
        ("file", var name) => !name.Any(char.IsControl),
        _ => false,
    };

    public static (string Scheme, string Name) Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return (colon > 0 ? text[..colon] : "", text[(colon + 1)..]);
    }

    /// <summary>Says that this is no reference. The text is not repeated: it may be the secret itself, and so the source line is left out, too.</summary>
    public static void Refuse(ScalarNode credential, string what, string instead, ProblemLog log) =>
        log.AboutLine(credential, ProblemCodes.Credential, $"the credential of {what} must be a reference, never the secret itself", instead);
}
