using System.Text;

namespace PolicyRouter.Audit.Sealing;

/// <summary>A text and its signatures by C2SP signed-note, which is what Go's <c>sumdb/note</c> reads and writes.</summary>
internal sealed class SignedNote
{
    /// <summary>Every signature line begins with it, and no other.</summary>
    public const string LineStart = "\u2014 ";
    private const int KeyIdSize = 4;
    private const int SignatureSize = 64;
    private const int MostSignatures = 100;

    private readonly List<(string Name, byte[] KeyId, byte[] Signature)> _signatures = [];

    private SignedNote(string whole, string text)
    {
        Whole = whole;
        Text = text;
    }

    /// <summary>Text, an empty line, signature lines.</summary>
    public string Whole { get; }

    /// <summary>What is signed, its last line end included.</summary>
    public string Text { get; }

    /// <summary>Whether one of its signatures is as long as Ed25519 makes them: a line that was cut short can look like a signature.</summary>
    public bool HasWholeSignature => _signatures.Exists(static signature => signature.Signature.Length == SignatureSize);

    public static SignedNote Sign(string text, string name, CheckpointSigner signer)
    {
        var signature = signer.Sign(Encoding.UTF8.GetBytes(text));
        return Parse($"{text}\n{LineStart}{name} {Convert.ToBase64String([.. signer.Key.IdFor(name), .. signature])}\n");
    }

    /// <exception cref="FormatException">This is no signed note.</exception>
    public static SignedNote Parse(string whole)
    {
        var split = whole.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || split + 2 == whole.Length || !whole.EndsWith('\n'))
        {
            throw new FormatException("The text is not a signed note.");
        }

        SignedNote note = new(whole, whole[..(split + 1)]);
        var lines = whole[(split + 2)..^1].Split('\n');
        if (lines.Length > MostSignatures)
        {
            throw new FormatException("The note has too many signatures.");
        }

        foreach (var line in lines)
        {
            var parts = line.StartsWith(LineStart, StringComparison.Ordinal) ? line[LineStart.Length..].Split(' ') : [];
            if (parts.Length != 2 || parts[0].Length == 0 || Base64Text.Decode(parts[1]) is not { Length: > KeyIdSize } bytes)
            {
                throw new FormatException("A signature line of the note is malformed.");
            }

            note._signatures.Add((parts[0], bytes[..KeyIdSize], bytes[KeyIdSize..]));
        }

        return note;
    }

    /// <summary>True when the key has signed the text under this name.</summary>
    public bool IsSignedBy(CheckpointKey key, string name)
    {
        var id = key.IdFor(name);
        var mine = _signatures.Where(signature => signature.Name == name && signature.KeyId.AsSpan().SequenceEqual(id)).ToList();
        return mine.Count > 0 && mine.TrueForAll(signature => key.Verifies(Encoding.UTF8.GetBytes(Text), signature.Signature));
    }
}
