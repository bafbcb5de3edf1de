using System.Security.Cryptography;

namespace PolicyRouter.Audit.Sealing;

/// <summary>One PEM block.</summary>
internal static class PemText
{
    /// <exception cref="FormatException">The text has no block with this label first.</exception>
    public static byte[] Decode(string pem, string label) =>
        PemEncoding.TryFind(pem, out var fields) && pem[fields.Label] == label
            ? Convert.FromBase64String(pem[fields.Base64Data])
            : throw new FormatException($"The text has no PEM block with the label {label}.");
}
