using System.Text;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// Kept checkpoints, root checkpoints and public keys: files that somebody hands in. Nothing but <see cref="FormatException"/> is thrown; a checkpoint keeps the text it was read from; and one that
/// the key verifies says what was signed, whatever was done to it.
/// </summary>
internal static class CheckpointTarget
{
    private const string Origin = "hospital.example/policyrouter";
    private static readonly DateTimeOffset At = new(2026, 4, 28, 12, 0, 0, TimeSpan.Zero);

    // RFC 8032, section 7.1, test 1: a key that everybody knows, for signatures that prove nothing.
    private static readonly CheckpointSigner Signer = CheckpointSigner.FromPem("""
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMRExHVHBKGKz6qC24kfmhpg
        -----END PRIVATE KEY-----
        """);

    /// <summary>A checkpoint of one log.</summary>
    public static SignedCheckpoint Signed { get; } = SignedCheckpoint.Sign(new LogName(Origin, "gateway-1", 12), 4_711, [.. Enumerable.Repeat((byte)7, 32)], At, Signer);

    /// <summary>A checkpoint of all logs.</summary>
    public static RootCheckpoint Root { get; } = RootCheckpoint.Sign(Origin, 3, [.. Enumerable.Repeat((byte)9, 32)], At, [Signed], Signer);

    public static CheckpointKey Key => Signer.Key;

    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var allocation = Allocation.Begin();
        var single = Read(text, SignedCheckpoint.Parse);
        var root = Read(text, RootCheckpoint.Parse);
        var key = Read(text, CheckpointKey.FromPem);
        allocation.End(input.Length, fixedBytes: 262_144);

        if (single is not null)
        {
            BrokenPromiseException.ThrowUnless(single.Note == text, "a checkpoint is kept as it was read");
            BrokenPromiseException.ThrowUnless(
                !single.IsSignedBy([Key]) || (single.Name, single.Size, single.At) == (Signed.Name, Signed.Size, Signed.At) && single.Root.Span.SequenceEqual(Signed.Root.Span),
                "what verifies is what was signed");
        }

        if (root is not null)
        {
            BrokenPromiseException.ThrowUnless(root.Note == text, "a root checkpoint is kept as it was read");
            BrokenPromiseException.ThrowUnless(
                !root.IsSignedBy([Key]) || (root.Size, root.At, root.Logs.Count) == (Root.Size, Root.At, 1) && root.Root.Span.SequenceEqual(Root.Root.Span),
                "what verifies is what was signed");
        }

        if (key is not null)
        {
            BrokenPromiseException.ThrowUnless(CheckpointKey.FromPem(key.ToPem()).Fingerprint == key.Fingerprint, "a key that is written is the key that is read");
        }
    }

    private static T? Read<T>(string text, Func<string, T> parse)
        where T : class
    {
        try
        {
            return parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
