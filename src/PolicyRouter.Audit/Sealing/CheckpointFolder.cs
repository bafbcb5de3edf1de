using System.Globalization;
using System.Text;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// Checkpoints in files outside of the database, one file per shard, epoch and day, to which notes are only ever added: a note, an
/// empty line, the next. Put it where the database's administrators cannot write.
/// </summary>
public sealed class CheckpointFolder(string folder) : ICheckpointSink
{
    private const string Extension = ".checkpoints";
    private const string RootExtension = ".roots";

    private const int MostPerLog = 10_000;

    // Of a file's end: more than a note takes.
    private const int TailBytes = 8_192;

    /// <inheritdoc/>
    /// <exception cref="IOException">It could not be written whole; nothing of it is left.</exception>
    public async Task KeepAsync(SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        var day = (checkpoint.At ?? DateTimeOffset.UnixEpoch).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var file = Path.Combine(
            Directory.CreateDirectory(FolderOf(checkpoint.Shard)).FullName,
            string.Create(CultureInfo.InvariantCulture, $"{checkpoint.Epoch:D8}.{day}{Extension}"));
        await AppendAsync(file, checkpoint.Note, cancellationToken);
    }

    /// <summary>Adds a root checkpoint to those of a shard's process.</summary>
    /// <exception cref="IOException">It could not be written whole; nothing of it is left.</exception>
    internal Task KeepAsync(RootCheckpoint root, string shard, CancellationToken cancellationToken)
    {
        var day = (root.At ?? DateTimeOffset.UnixEpoch).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return AppendAsync(Path.Combine(Directory.CreateDirectory(FolderOf(shard)).FullName, day + RootExtension), root.Note, cancellationToken);
    }

    /// <summary>The root checkpoints in a file of them, or in the files of a folder and those below it.</summary>
    /// <exception cref="FormatException">A file holds something else.</exception>
    /// <exception cref="IOException">There is no such file or folder.</exception>
    public static KeptRoots ReadRoots(string path)
    {
        KeptRoots roots = new();
        foreach (var file in Directory.Exists(path) ? Files(path, RootExtension) : IsRootFile(path) ? [path] : [])
        {
            foreach (var root in Parse(file, ReadNotes(file), RootCheckpoint.Parse))
            {
                roots.Add(root);
            }
        }

        return roots;
    }

    /// <summary>Whether a file holds root checkpoints, by its name.</summary>
    public static bool IsRootFile(string path) => path.EndsWith(RootExtension, StringComparison.Ordinal);

    private static async Task AppendAsync(string file, string note, CancellationToken cancellationToken)
    {
        await using FileStream stream = new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var before = stream.Length;
        try
        {
            var end = await EndOfTornNoteAsync(stream, cancellationToken);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(end + note + "\n"), cancellationToken);
            stream.Flush(flushToDisk: true);
        }
        catch
        {
            // Half a note would make the next one unreadable.
            stream.SetLength(before);
            throw;
        }
    }

    /// <summary>Goes to the end of a file, and says what a note lacks there that a crash cut short.</summary>
    private static async Task<string> EndOfTornNoteAsync(FileStream stream, CancellationToken cancellationToken)
    {
        var last = new byte[Math.Min(2, stream.Length)];
        stream.Seek(-last.Length, SeekOrigin.End);
        await stream.ReadExactlyAsync(last, cancellationToken);
        return last is [] or [(byte)'\n', (byte)'\n'] ? "" : last is [.., (byte)'\n'] ? "\n" : "\n\n";
    }

    /// <summary>The newest checkpoint of each epoch of a shard, oldest epoch first.</summary>
    /// <exception cref="FormatException">A file holds something else.</exception>
    public IReadOnlyList<SignedCheckpoint> NewestOf(string shard) => Directory.Exists(FolderOf(shard)) ? NewestIn(FolderOf(shard)) : [];

    /// <summary>The newest checkpoint of each epoch of every shard.</summary>
    /// <exception cref="FormatException">A file holds something else.</exception>
    internal IEnumerable<SignedCheckpoint> NewestOfAll() =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).SelectMany(NewestIn) : [];

    private static IReadOnlyList<SignedCheckpoint> NewestIn(string shardFolder)
    {
        SortedDictionary<long, SignedCheckpoint> newest = [];
        foreach (var file in Files(shardFolder, Extension))
        {
            // The size only grows within an epoch, so the last note of a file is its newest.
            if (LastIn(file) is { } last && (!newest.TryGetValue(last.Epoch, out var known) || known.Size <= last.Size))
            {
                newest[last.Epoch] = last;
            }
        }

        return [.. newest.Values];
    }

    /// <summary>
    /// The checkpoints in a file, or in the files of a folder and those below it: of each log the newest, and of the others all or, where
    /// there are very many, some.
    /// </summary>
    /// <exception cref="FormatException">A file holds something else, or the named one holds none.</exception>
    /// <exception cref="IOException">There is no such file or folder.</exception>
    public static IReadOnlyList<SignedCheckpoint> ReadAll(string path)
    {
        Dictionary<(string Shard, long Epoch), ThinnedCheckpoints> logs = [];
        var isFolder = Directory.Exists(path);
        foreach (var checkpoint in isFolder ? Files(path, Extension).SelectMany(ReadFile) : ReadFile(path))
        {
            if (!logs.TryGetValue((checkpoint.Shard, checkpoint.Epoch), out var log))
            {
                logs[(checkpoint.Shard, checkpoint.Epoch)] = log = new ThinnedCheckpoints(MostPerLog);
            }

            log.Add(checkpoint);
        }

        return isFolder || logs.Count > 0 ? [.. logs.Values.SelectMany(static log => log.All)] : throw new FormatException("The file holds no checkpoint.");
    }

    private static IEnumerable<string> Files(string folder, string extension) =>
        Directory.EnumerateFiles(folder, "*" + extension, SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static IEnumerable<SignedCheckpoint> ReadFile(string file) => Parse(file, ReadNotes(file), SignedCheckpoint.Parse);

    private static IEnumerable<string> ReadNotes(string file)
    {
        // A gateway may be adding to it.
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream, Encoding.UTF8);
        foreach (var note in NotesIn(reader))
        {
            yield return note;
        }
    }

    private static SignedCheckpoint? LastIn(string file)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var skipped = Math.Max(0, stream.Length - TailBytes);
        stream.Seek(skipped, SeekOrigin.Begin);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return Parse(file, NotesIn(reader), SignedCheckpoint.Parse).Aggregate((SignedCheckpoint?)null, static (newest, next) => newest?.Size > next.Size ? newest : next);
    }

    /// <summary>
    /// Notes, each ended by an empty line behind a signature; what a crash cut short at the end of the file is none. Reading may begin in the middle of a note: only the first
    /// that is found is then broken.
    /// </summary>
    private static IEnumerable<string> NotesIn(TextReader reader)
    {
        StringBuilder note = new();
        var (isSigned, emptyLines) = (false, 0);
        while (ReadWholeLine(reader) is { } line)
        {
            if (line.Length == 0 && isSigned)
            {
                yield return WithoutFragment(note.ToString());
                note.Clear();
                (isSigned, emptyLines) = (false, 0);
                continue;
            }

            note.Append(line).Append('\n');
            isSigned = line.StartsWith(SignedNote.LineStart, StringComparison.Ordinal);
            emptyLines += line.Length == 0 ? 1 : 0;
        }

        // A single note, as the control plane gives it, has no empty line behind it; and no crash leaves two parts without a signature.
        if (isSigned || emptyLines > 1)
        {
            yield return note.ToString();
        }
    }

    /// <summary>
    /// A note without what a crash left of the one before it, which may stand on the same line: a note begins with the name that its signature has.
    /// </summary>
    private static string WithoutFragment(string note)
    {
        var text = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (text < 0 || !note.AsSpan(text + 2).StartsWith(SignedNote.LineStart))
        {
            return note;
        }

        var name = note[(text + 2 + SignedNote.LineStart.Length)..].Split(' ', '\n')[0];
        return note[Math.Max(0, note.LastIndexOf(name + "\n", text, StringComparison.Ordinal))..];
    }

    /// <summary>A line that has its end; null at the end of the text.</summary>
    private static string? ReadWholeLine(TextReader reader)
    {
        StringBuilder line = new();
        for (var character = reader.Read(); character >= 0; character = reader.Read())
        {
            if (character == '\n')
            {
                return line.ToString();
            }

            line.Append((char)character);
        }

        return null;
    }

    /// <summary>Notes, without fragments that good ones follow: a crash cut them short, and the next process went on behind them.</summary>
    private static IEnumerable<T> Parse<T>(string file, IEnumerable<string> notes, Func<string, T> parse)
    {
        FormatException? damage = null;
        foreach (var note in notes)
        {
            T parsed;
            try
            {
                parsed = parse(note);
            }
            catch (FormatException found)
            {
                damage = found;
                continue;
            }

            damage = null;
            yield return parsed;
        }

        if (damage is not null)
        {
            throw new FormatException($"{file} holds something that is no checkpoint. {damage.Message}", damage);
        }
    }

    private string FolderOf(string shard) => Path.Combine(folder, LogName.Escape(shard));
}
