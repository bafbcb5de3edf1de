using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.WebConsole.Policies;

/// <summary>A policy folder that is at hand.</summary>
/// <param name="Name">The name of the folder.</param>
/// <param name="IsInForce">True for the folder that gateways run.</param>
/// <param name="Snapshot">Null when it does not load.</param>
/// <param name="Problems">Why not, or its warnings.</param>
internal sealed record ShelvedPolicy(string Name, bool IsInForce, PolicySnapshot? Snapshot, IReadOnlyList<Problem> Problems);

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

    /// <summary>A folder by its name, or null.</summary>
    public PolicySnapshot? Named(string? name) => All.FirstOrDefault(policy => policy.Name == name)?.Snapshot;

    /// <summary>The folder whose files are this version; null when it is not at hand.</summary>
    public PolicySnapshot? Version(string version) => All.FirstOrDefault(policy => policy.Snapshot?.Version == version)?.Snapshot;

    private List<ShelvedPolicy> Read()
    {
        List<ShelvedPolicy> policies = [];
        Dictionary<string, PolicySnapshot> snapshots = new(StringComparer.Ordinal);
        foreach (var (folder, isInForce) in Folders())
        {
            var result = settings.LoadPolicy!(folder, _snapshots.GetValueOrDefault(folder));
            var snapshot = (result as PolicyLoadResult.Loaded)?.Snapshot;
            if (snapshot is not null)
            {
                snapshots[folder] = snapshot;
            }

            policies.Add(new ShelvedPolicy(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), isInForce, snapshot, result.Problems));
        }

        _snapshots = snapshots;
        return policies;
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
