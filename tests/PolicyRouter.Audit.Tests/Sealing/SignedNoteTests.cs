using CsCheck;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Tests.Sealing;

public sealed class SignedNoteTests
{
    // The example of Go's golang.org/x/mod/sumdb/note, with its public key as SubjectPublicKeyInfo.
    private const string GoName = "PeterNeumann";
    private const string GoKey = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGlzZBxQ8OExB6DDFvOEqqIF+xWSaqr8sMTiLNbLXRNY=\n-----END PUBLIC KEY-----";

    private static readonly CheckpointSigner Signer = CheckpointSigner.Create();
    private static readonly DateTimeOffset Noon = new(2026, 4, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Checkpoint_ComesBackFromItsNote_AndIsSignedUnderTheNameOfItsLog()
    {
        var root = TreeHash.Leaf("x"u8);
        var made = SignedCheckpoint.Sign(new LogName("hospital.example/router", "gateway one.1", 7), 20_852_163, root, Noon, Signer);

        Assert.StartsWith($"hospital.example/router/gateway%20one%2E1/7\n20852163\n{Convert.ToBase64String(root)}\nat 2026-04-28T12:00:00.000Z\n\n\u2014 hospital.example/router/gateway%20one%2E1/7 ", made.Note, StringComparison.Ordinal);
        var read = SignedCheckpoint.Parse(made.Note);
        Assert.Equal(("gateway one.1", 7L, 20_852_163L, (DateTimeOffset?)Noon), (read.Shard, read.Epoch, read.Size, read.At));
        Assert.Equal(root, read.Root.ToArray());
        Assert.True(read.IsSignedBy([CheckpointKey.FromPem(Signer.Key.ToPem())]));
        Assert.False(read.IsSignedBy([CheckpointSigner.Create().Key]));
    }

    [Fact]
    public void NoteOfGosOwnImplementation_IsSignedByItsKey()
    {
        var note = SignedNote.Parse(
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
            + "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n");

        Assert.True(note.IsSignedBy(CheckpointKey.FromPem(GoKey), GoName));
        Assert.False(note.IsSignedBy(CheckpointKey.FromPem(GoKey), "PaulNeumann"));
        Assert.False(note.IsSignedBy(Signer.Key, GoName));
    }

    [Fact]
    public void KeyThatWasWrittenAndRead_SignsTheSame()
    {
        var read = CheckpointSigner.FromPem(Signer.ToPem());
        LogName name = new("router", "a", 1);
        Assert.Equal(
            SignedCheckpoint.Sign(name, 3, TreeHash.OfNothing, Noon, Signer).Note,
            SignedCheckpoint.Sign(name, 3, TreeHash.OfNothing, Noon, read).Note);
    }

    [Fact]
    public void AnyChangedByteOfANote_IsNoticed()
    {
        var note = SignedCheckpoint.Sign(new LogName("router", "gateway", 1), 41, TreeHash.OfNothing, Noon, Signer).Note;
        Gen.Select(Gen.Int[0, note.Length - 1], Gen.Char[' ', '~']).Sample((at, other) =>
        {
            var changed = string.Concat(note.AsSpan(0, at), other.ToString(), note.AsSpan(at + 1));
            Assert.True(changed == note || !IsGood(changed), changed);
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("router/a/1\n5\n")]
    [InlineData("router/a/1\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 router/a/1 AAAAAAAA\n")]
    [InlineData("router/a/1\n5\n47DE\n\n\u2014 router/a/1 AAAAAAAA\n")]
    [InlineData("router\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u2014 router AAAAAAAA\n")]
    public void OtherTexts_AreNoCheckpoint(string text) => Assert.Throws<FormatException>(() => SignedCheckpoint.Parse(text));

    [Fact]
    public void PrivateKey_IsNotTakenForAPublicOne_NorQuoted()
    {
        var pem = Signer.ToPem();
        var refusal = Assert.Throws<FormatException>(() => CheckpointKey.FromPem(pem));
        Assert.DoesNotContain(pem.Split('\n')[1], refusal.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => CheckpointSigner.FromPem(Signer.Key.ToPem()));
    }

    private static bool IsGood(string note)
    {
        try
        {
            return SignedCheckpoint.Parse(note).IsSignedBy([Signer.Key]);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
