using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Signing;

namespace PolicyRouter.WebConsole.Policies;

/// <summary>A policy folder that is at hand, or a draft that its reader handed in.</summary>
/// <param name="Name">The name of the folder.</param>
/// <param name="IsInForce">True for the folder that gateways run.</param>
/// <param name="Snapshot">Null when it does not load.</param>
/// <param name="Problems">Why not, or its warnings; of a folder those that reading it shows, of a draft also those of its analysis.</param>
internal sealed record ShelvedPolicy(string Name, bool IsInForce, PolicySnapshot? Snapshot, IReadOnlyList<Problem> Problems)
{
    /// <summary>Where it lies; null for a draft.</summary>
    public string? Folder { get; init; }

    /// <summary>When the draft is forgotten; null for a folder.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who stands behind it, and whether that was checked: one clause.</summary>
    public string Signature { get; init; } = "not signed";
}

/// <summary>
/// The policy folders the console was told of: the one in force, and those of the archive. They are read again when they are asked for and some seconds
/// have passed; a folder that has not changed is not compiled again.
/// </summary>
internal sealed class PolicyShelf(ConsoleSettings settings, TimeProvider time)
{
    private const int MostInArchive = 50;
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly Lock _reading = new();
    private IReadOnlyList<ShelvedPolicy> _policies = [];
    private Dictionary<string, PolicySnapshot> _snapshots = new(StringComparer.Ordinal);
    private long? _readAt;

    /// <summary>The one in force first, then the others by name.</summary>
    public IReadOnlyList<ShelvedPolicy> All
    {
        get
        {
            lock (_reading)
            {
                if (_readAt is not { } at || time.GetElapsedTime(at) > Freshness)
                {
                    _policies = Read();
                    _readAt = time.GetTimestamp();
                }

                return _policies;
            }
        }
    }

    /// <summary>What lies in the folder in force; null when that is not at hand or does not load.</summary>
    public PolicySnapshot? InForce => All.FirstOrDefault(static policy => policy.IsInForce)?.Snapshot;

    private List<ShelvedPolicy> Read()
    {
        List<ShelvedPolicy> policies = [];
        Dictionary<string, PolicySnapshot> snapshots = new(StringComparer.Ordinal);
        foreach (var (folder, isInForce) in Folders())
        {
            var result = PolicyFolder.Load(folder, settings.PolicyOptions! with { InForce = _snapshots.GetValueOrDefault(folder) });
            var snapshot = (result as PolicyLoadResult.Loaded)?.Snapshot;
            if (snapshot is not null)
            {
                snapshots[folder] = snapshot;
            }

            policies.Add(new ShelvedPolicy(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), isInForce, snapshot, result.Problems)
            {
                Folder = folder, Signature = SignatureOf(folder, snapshot),
            });
        }

        _snapshots = snapshots;
        return policies;
    }

    private string SignatureOf(string folder, PolicySnapshot? snapshot)
    {
        if (PolicySignature.ClaimOf(folder) is not { } claim)
        {
            return "not signed";
        }

        if (snapshot is null || claim.Version != snapshot.Version)
        {
            return $"signed with key {claim.KeyId}, but for other content";
        }

        return settings.PolicyVerifier is not { } verifier ? $"says it is signed with key {claim.KeyId}; not checked, since the console has no key (Policies:VerificationKey)"
            : verifier.FaultOf(folder, snapshot.Version) is { } fault ? $"the signature does not hold: {fault}" : $"signed with key {claim.KeyId}, checked";
    }

    private IEnumerable<(string Folder, bool IsInForce)> Folders()
    {
        if (settings.PolicyFolder is { } inForce)
        {
            yield return (Path.GetFullPath(inForce), true);
        }

        if (settings.PolicyArchive is { } archive && Directory.Exists(archive))
        {
            foreach (var folder in Directory.EnumerateDirectories(archive).Order(StringComparer.Ordinal).Take(MostInArchive))
            {
                yield return (Path.GetFullPath(folder), false);
            }
        }
    }
}
