using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Cli.Audit;

/// <summary>What a log is compared with: public keys, and checkpoints from outside of its database.</summary>
internal sealed record KeptEvidence(IReadOnlyList<CheckpointKey> Keys, IReadOnlyList<SignedCheckpoint> Kept, KeptRoots Roots)
{
    /// <summary>Reads keys and checkpoints, before the log, which may grow meanwhile.</summary>
    /// <param name="keys">Files; none for the key of the development folder.</param>
    /// <param name="checkpoints">Files and folders; none for the configured one.</param>
    /// <returns>Null when one cannot be read, which was said.</returns>
    public static async Task<KeptEvidence?> LoadAsync(string[] keys, string[] checkpoints, bool isPrivate, TextWriter error, CancellationToken cancellationToken)
    {
        var given = CheckpointKeys.Of(isPrivate);
        string[] keyFiles = keys.Length > 0 ? keys : given.PublicKey is { } own ? [own] : [];
        if (keyFiles.Length == 0)
        {
            await error.WriteLineAsync("Name the public key with --key: without it nothing shows who signed the checkpoints.");
            return null;
        }

        // A folder that a gateway has not written to yet holds no checkpoints; one that somebody names must be there.
        string[] places = checkpoints.Length > 0 ? checkpoints : given.Folder is { } folder && Directory.Exists(folder) ? [folder] : [];
        var reading = "";
        try
        {
            List<CheckpointKey> read = [];
            foreach (var file in keyFiles)
            {
                reading = file;
                read.Add(CheckpointKey.FromPem(await File.ReadAllTextAsync(file, cancellationToken)));
            }

            List<SignedCheckpoint> kept = [];
            KeptRoots roots = new();
            foreach (var place in places)
            {
                reading = place;
                roots.Add(CheckpointFolder.ReadRoots(place));
                if (!CheckpointFolder.IsRootFile(place))
                {
                    kept.AddRange(CheckpointFolder.ReadAll(place));
                }
            }

            return new KeptEvidence(read, kept, roots);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            await error.WriteLineAsync($"{reading}: {failure.Message}");
            return null;
        }
    }
}
