namespace PolicyRouter.Audit.Sealing;

/// <summary>Base64 that has one spelling per value: .NET itself also takes white space and stray bits at the end.</summary>
internal static class Base64Text
{
    /// <exception cref="FormatException">This is not base64 as it is written.</exception>
    public static byte[] Decode(string text)
    {
        var bytes = Convert.FromBase64String(text);
        return Convert.ToBase64String(bytes) == text ? bytes : throw new FormatException("The text is not base64.");
    }
}
