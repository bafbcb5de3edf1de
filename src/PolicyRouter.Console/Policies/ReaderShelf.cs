using PolicyRouter.Policies.Deciding;
using PolicyRouter.WebConsole.Reading;

namespace PolicyRouter.WebConsole.Policies;

/// <summary>The policies that the person who is signed in can ask about: the folders, and the drafts they handed in themselves.</summary>
internal sealed class ReaderShelf(PolicyShelf folders, DraftDesk drafts, ReaderHistory history)
{
    /// <summary>The one in force first, then the archive by name, then the reader's drafts.</summary>
    public IReadOnlyList<ShelvedPolicy> All => [.. folders.All, .. drafts.Of(history.Reader)];

    /// <summary>What lies in the folder in force; null when that is not at hand or does not load.</summary>
    public PolicySnapshot? InForce => folders.InForce;

    /// <summary>A policy by its name, or null.</summary>
    public ShelvedPolicy? Named(string? name) => All.FirstOrDefault(policy => policy.Name == name);

    /// <summary>The policy whose files are this version; null when it is not at hand.</summary>
    public PolicySnapshot? Version(string version) => folders.All.FirstOrDefault(policy => policy.Snapshot?.Version == version)?.Snapshot;
}
