namespace PolicyRouter.Audit.Sealing;

/// <summary>A checkpoint with its signatures: what is kept outside of the database.</summary>
public sealed class SignedCheckpoint
{
    private readonly SignedNote _note;
    private readonly Checkpoint _checkpoint;
    private readonly LogName _name;
    private readonly string _signedAs;

    private SignedCheckpoint(SignedNote note, Checkpoint checkpoint, LogName name, string? signedAs = null)
    {
        _note = note;
        _checkpoint = checkpoint;
        _name = name;
        _signedAs = signedAs ?? checkpoint.Name;
    }

    public string Shard => _name.Shard;
    public long Epoch => _name.Epoch;

    /// <summary>The log's name with its origin.</summary>
    internal string Name => _checkpoint.Name;

    /// <summary>Entries it covers.</summary>
    public long Size => _checkpoint.Size;

    /// <summary>Root hash over them.</summary>
    public ReadOnlyMemory<byte> Root => _checkpoint.Root;

    /// <summary>When it was signed; null when it does not say.</summary>
    public DateTimeOffset? At => _checkpoint.At;

    /// <summary>The note as it is kept: text, an empty line, signature lines.</summary>
    public string Note => _note.Whole;

    internal static SignedCheckpoint Sign(LogName name, long size, byte[] root, DateTimeOffset at, CheckpointSigner signer)
    {
        Checkpoint checkpoint = new(name.ToString(), size, root, at);
        return new SignedCheckpoint(SignedNote.Sign(checkpoint.ToText(), checkpoint.Name, signer), checkpoint, name);
    }

    /// <summary>What a root checkpoint says about one log.</summary>
    internal static SignedCheckpoint OfRoot(SignedNote root, string signedAs, Checkpoint said) =>
        new(root, said, LogName.TryParse(said.Name) ?? throw new FormatException("The root checkpoint names no shard and epoch."), signedAs);

    /// <exception cref="FormatException">This is no checkpoint of a PolicyRouter log.</exception>
    public static SignedCheckpoint Parse(string note)
    {
        ArgumentNullException.ThrowIfNull(note);
        var signed = SignedNote.Parse(note);
        var checkpoint = Checkpoint.Parse(signed.Text);
        return new SignedCheckpoint(signed, checkpoint, LogName.TryParse(checkpoint.Name) ?? throw new FormatException("The checkpoint names no shard and epoch."));
    }

    /// <summary>True when one of these keys has signed it.</summary>
    public bool IsSignedBy(IEnumerable<CheckpointKey> keys) => keys.Any(key => _note.IsSignedBy(key, _signedAs));
}
