using PolicyRouter.Cli.Policy;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Testing;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>
/// The shipped rules over a registry with enough deployments and failure domains to choose from (<c>Outages/policies</c>), and what the engine says of each kind of
/// request. A folder of its own, deleted with it.
/// </summary>
internal sealed class OutagePack : IDisposable
{
    /// <summary>The legal day of every replay.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 2, 15, 0, 0, TimeSpan.Zero);

    private static readonly string Own = Path.Combine(Repository.Root, "tests", "PolicyRouter.Benchmarks", "Outages", "policies");

    private readonly PolicySnapshot _snapshot;

    private OutagePack(string folder, PolicySnapshot snapshot) => (Folder, _snapshot) = (folder, snapshot);

    public string Folder { get; }

    /// <summary>In the order of the registry.</summary>
    public IReadOnlyList<string> Deployments => [.. _snapshot.Deployments.Select(static deployment => deployment.Id)];

    /// <exception cref="InvalidDataException">The policy files are not in order.</exception>
    public static OutagePack Create()
    {
        var folder = TestFolder.Create("outages");
        ShippedPack.CopyTo(folder);
        // The cases and claims there are about the registry that ships.
        Directory.Delete(Path.Combine(folder, "tests"), recursive: true);
        foreach (var file in Directory.EnumerateFiles(Own))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        return PolicyLoading.Load(folder) is PolicyLoadResult.Loaded loaded
            ? new OutagePack(folder, loaded.Snapshot)
            : throw new InvalidDataException("The policy of the replay cannot be loaded: policyrouter policy check says why.");
    }

    /// <summary>Names that stand for a deployment in a trace: its own, and its failure domains.</summary>
    public IReadOnlySet<string> NamesOf(string deployment) =>
        _snapshot.Endpoints[deployment].FailsWith.Append(deployment).ToHashSet(StringComparer.Ordinal);

    /// <summary>Who may receive it on its route, in the route's order.</summary>
    public IReadOnlyList<string> Permitted(RequestKind kind) => Decide(kind, kind.Route);

    /// <summary>Whom the law lets receive it, route or not.</summary>
    public IReadOnlySet<string> Lawful(RequestKind kind) => Decide(kind, route: null).ToHashSet(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private IReadOnlyList<string> Decide(RequestKind kind, string? route) =>
    [
        .. _snapshot.Decide(new PolicyRequest
        {
            Day = _snapshot.DayOf(Start), DeclaredClasses = [kind.DataClass], Subjects = kind.Subjects is { } zone ? [zone] : [], Purpose = kind.Purpose, Features = ["chat"],
            Route = route,
        }).Permitted.Select(static permitted => permitted.Deployment.Id),
    ];
}
