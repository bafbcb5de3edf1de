using System.Security.Cryptography;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;
using PolicyRouter.WebConsole.SignIn;

namespace PolicyRouter.WebConsole.Policies;

/// <summary>
/// Drafts that people handed in, compiled: in memory only, for a quarter of an hour, for the person who handed them in. Their files are not kept. A draft that does not load is not kept at all.
/// </summary>
internal sealed class DraftDesk : IDisposable
{
    private const int MostOfAll = 16;
    private const int MostOfOne = 4;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly List<(Reader Owner, ShelvedPolicy Policy)> _drafts = [];
    private readonly PolicyAnswers _answers;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public DraftDesk(PolicyAnswers answers, TimeProvider time)
    {
        _answers = answers;
        _time = time;
        _sweep = time.CreateTimer(static desk => ((DraftDesk)desk!).Sweep(), this, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>Keeps a draft that loads. The oldest of its owner, or of all, makes room.</summary>
    /// <param name="problems">What checking, proving and analysing it found.</param>
    /// <returns>The name under which its owner finds it.</returns>
    public string Keep(Reader owner, PolicySnapshot draft, IReadOnlyList<Problem> problems)
    {
        var name = $"draft-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        lock (_lock)
        {
            _drafts.Add((owner, new ShelvedPolicy(name, IsInForce: false, draft, problems) { Until = _time.GetUtcNow() + Lifetime, Signature = "handed in here, not signed" }));
            Remove(_drafts.Where(kept => IsOf(kept.Owner, owner)).SkipLast(MostOfOne).ToList());
            Remove(_drafts.SkipLast(MostOfAll).ToList());
        }

        return name;
    }

    /// <summary>The drafts of one person, oldest first.</summary>
    public IReadOnlyList<ShelvedPolicy> Of(Reader owner)
    {
        Sweep();
        lock (_lock)
        {
            return [.. _drafts.Where(kept => IsOf(kept.Owner, owner)).Select(static kept => kept.Policy)];
        }
    }

    public void Forget(Reader owner, string name)
    {
        lock (_lock)
        {
            Remove(_drafts.Where(kept => IsOf(kept.Owner, owner) && kept.Policy.Name == name).ToList());
        }
    }

    public void Dispose() => _sweep.Dispose();

    private static bool IsOf(Reader one, Reader other) => one.Name == other.Name && one.Tenant == other.Tenant;

    private void Sweep()
    {
        lock (_lock)
        {
            Remove(_drafts.Where(kept => kept.Policy.Until <= _time.GetUtcNow()).ToList());
        }
    }

    private void Remove(IReadOnlyList<(Reader Owner, ShelvedPolicy Policy)> gone)
    {
        foreach (var draft in gone)
        {
            _drafts.Remove(draft);
            _answers.Forget(draft.Policy.Snapshot!.Version);
        }
    }
}
