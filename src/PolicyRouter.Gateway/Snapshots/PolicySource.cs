using Microsoft.Extensions.Logging;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Snapshots;

/// <summary>
/// The policy in force. A folder is read whole, checked whole, recorded durably and only then swapped in with one reference; a folder
/// with a fault changes nothing.
/// </summary>
internal sealed class PolicySource(
    Func<PolicySnapshot?, PolicyLoadResult> load,
    TimeSpan? maxAge,
    Func<AuditEvent, CancellationToken, Task> append,
    NodeName node,
    TimeProvider time,
    ILogger<PolicySource> logger) : IDisposable
{
    private static readonly Problem NotLoaded = new("policies", 1, 1, "PR001", Severity.Error, "the folder could not be loaded", 1, null, null);

    private readonly SemaphoreSlim _reloading = new(1, 1);
    private volatile InForce? _inForce;
    private volatile IReadOnlyList<string> _refused = [];
    private long _confirmedAt;
    private DateOnly _toldOn;

    /// <summary>The key whose signature <c>load</c> checks; null when it checks none. It is recorded with each activation.</summary>
    public string? SignedBy { get; init; }

    /// <summary>The snapshot in force; null before the first good one. Take it once per request: the object never changes.</summary>
    public PolicySnapshot? Active => _inForce?.Snapshot;

    /// <summary>When the snapshot in force was activated on this node.</summary>
    public DateTimeOffset? ActivatedAt => _inForce?.At;

    /// <summary>Time since the snapshot in force was last found to be what lies in the folder; null before the first good one.</summary>
    public TimeSpan? Age => _inForce is null ? null : time.GetElapsedTime(Interlocked.Read(ref _confirmedAt));

    /// <summary>True when nobody has confirmed the snapshot in force for longer than the operator allows: what it permits may no longer be lawful.</summary>
    public bool IsStale => maxAge is { } limit && Age > limit;

    /// <summary>Faults of the folder as it is now (<c>file:line:column CODE</c>); empty when what is there is in force.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <summary>Reads the folder again.</summary>
    /// <returns>True when what lies in the folder is now in force.</returns>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken);
        try
        {
            return Load() switch
            {
                PolicyLoadResult.Loaded loaded => await ActivateAsync(loaded.Snapshot, cancellationToken),
                var refused => await RefuseAsync(refused.Problems, cancellationToken),
            };
        }
        catch (AuditUnavailableException)
        {
            logger.NotRecorded();
            return false;
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>What loading throws is a fault of the folder like any other: it changes nothing, and is told and recorded.</summary>
    private PolicyLoadResult Load()
    {
        try
        {
            return load(Active);
        }
#pragma warning disable CA1031 // Whatever it is, the last good policy stays and somebody has to hear of it. Its message may hold text of a file, its type does not.
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.LookFailed(fault.GetType().Name);
            return new PolicyLoadResult.Refused([NotLoaded]);
        }
    }

    private async Task<bool> ActivateAsync(PolicySnapshot snapshot, CancellationToken cancellationToken)
    {
        var before = Active?.Version;
        if (snapshot.Version != before)
        {
            // Recorded first: no request may be decided by a policy that the log does not know.
            await append(
                new PolicyActivated { Id = NewId(), At = time.GetUtcNow(), PolicyVersion = snapshot.Version, PreviousVersion = before, Node = node.Value, SignedBy = SignedBy },
                cancellationToken);
            _inForce = new InForce(snapshot, time.GetUtcNow());
            logger.Activated(snapshot.Version, before ?? "none");
        }

        Interlocked.Exchange(ref _confirmedAt, time.GetTimestamp());
        TellOfPapers(snapshot, isNew: snapshot.Version != before);
        _refused = [];
        return true;
    }

    private async Task<bool> RefuseAsync(IReadOnlyList<Problem> problems, CancellationToken cancellationToken)
    {
        string[] faults =
        [
            .. problems.Where(static problem => problem.Severity == Severity.Error)
                .Select(static problem => FormattableString.Invariant($"{problem.File}:{problem.Line}:{problem.Column} {problem.Code}")),
        ];

        // The folder is looked at again and again; the same faults are recorded once.
        if (!faults.SequenceEqual(_refused, StringComparer.Ordinal))
        {
            foreach (var fault in faults)
            {
                logger.Fault(fault);
            }

            await append(
                new PolicyRejected { Id = NewId(), At = time.GetUtcNow(), PolicyVersionInForce = Active?.Version, Problems = faults, Node = node.Value },
                cancellationToken);
            _refused = faults;
            logger.Refused(faults.Length, Active?.Version ?? "none");
        }

        return false;
    }

    /// <summary>Papers that end soon and reviews that are due: all of them with a new policy, and on each new day those whose reminder falls on it.</summary>
    private void TellOfPapers(PolicySnapshot snapshot, bool isNew)
    {
        var today = snapshot.DayOf(time.GetUtcNow());
        if (!isNew && today == _toldOn)
        {
            return;
        }

        _toldOn = today;
        foreach (var notice in PaperNotice.On(snapshot, today).Where(notice => isNew || notice.IsNew))
        {
            logger.Paper(notice.Text);
        }
    }

    private Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());

    public void Dispose() => _reloading.Dispose();

    private sealed record InForce(PolicySnapshot Snapshot, DateTimeOffset At);
}
