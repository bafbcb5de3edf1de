using System.Globalization;
using System.Text;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// One signed note about all logs of a database: the root of a tree with a leaf for every log that was ever opened (see <see cref="RootLeaf"/>), and a line for each that is written
/// to at the time, with its size and root. Who keeps one of them notices that any log is gone.
/// </summary>
public sealed class RootCheckpoint
{
    private const string Suffix = "/root";
    private const string LogLine = "log ";

    private readonly SignedNote _note;
    private readonly Checkpoint _checkpoint;

    private RootCheckpoint(SignedNote note, Checkpoint checkpoint, IReadOnlyList<SignedCheckpoint> logs)
    {
        _note = note;
        _checkpoint = checkpoint;
        Logs = logs;
    }

    /// <summary>How many logs there were.</summary>
    public long Size => _checkpoint.Size;

    /// <summary>Root hash over them.</summary>
    public ReadOnlyMemory<byte> Root => _checkpoint.Root;
    public DateTimeOffset? At => _checkpoint.At;

    /// <summary>The note as it is kept.</summary>
    public string Note => _note.Whole;

    /// <summary>What it says about single logs, as checkpoints of theirs.</summary>
    public IReadOnlyList<SignedCheckpoint> Logs { get; }

    internal static RootCheckpoint Sign(string origin, long size, byte[] root, DateTimeOffset at, IEnumerable<SignedCheckpoint> logs, CheckpointSigner signer)
    {
        Checkpoint checkpoint = new(origin + Suffix, size, root, at);
        StringBuilder text = new(checkpoint.ToText());
        foreach (var log in logs)
        {
            text.Append(CultureInfo.InvariantCulture, $"{LogLine}{log.Name} {log.Size} {Convert.ToBase64String(log.Root.Span)}\n");
        }

        return Parse(SignedNote.Sign(text.ToString(), checkpoint.Name, signer).Whole);
    }

    /// <exception cref="FormatException">This is no root checkpoint.</exception>
    public static RootCheckpoint Parse(string note)
    {
        ArgumentNullException.ThrowIfNull(note);
        var signed = SignedNote.Parse(note);
        var checkpoint = Checkpoint.Parse(signed.Text);
        if (!checkpoint.Name.EndsWith(Suffix, StringComparison.Ordinal) || !signed.HasWholeSignature)
        {
            throw new FormatException("The text is no root checkpoint.");
        }

        List<SignedCheckpoint> logs = [];
        foreach (var line in signed.Text.Split('\n').Where(static line => line.StartsWith(LogLine, StringComparison.Ordinal)))
        {
            var parts = line.Split(' ');
            logs.Add(parts is [_, var name, var size, var root]
                ? SignedCheckpoint.OfRoot(signed, checkpoint.Name, Checkpoint.Parse($"{name}\n{size}\n{root}\n") with { At = checkpoint.At })
                : throw new FormatException("A line of the root checkpoint is malformed."));
        }

        return new RootCheckpoint(signed, checkpoint, logs);
    }

    /// <summary>True when one of these keys has signed it.</summary>
    public bool IsSignedBy(IEnumerable<CheckpointKey> keys) => keys.Any(key => _note.IsSignedBy(key, _checkpoint.Name));
}
