using System.Collections.Concurrent;
using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.WebConsole.Integrity;

/// <summary>An event's place in the log, and what checking its proof came to.</summary>
public sealed record ProvedEvent(EventProof Proof, InclusionState State);

/// <summary>
/// Proofs that the events of a decision are in the signed log. The first proof of an epoch reads all of its leaf hashes, which a page does not wait for: it says so, and the proof is there when the
/// page is opened again.
/// </summary>
internal sealed class LogProofs(AuditProofs proofs, ConsoleSettings settings, TimeProvider time)
{
    private const int MostUnderWay = 64;

    // A decision page has 300 ms in all (docs/benchmarks.md, "The console").
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    private readonly ConcurrentDictionary<Guid, Lazy<Task<IReadOnlyList<EventProof>>>> _underWay = new();

    /// <summary>The newest checkpoint of every log, by shard and epoch.</summary>
    /// <exception cref="Audit.Appending.AuditUnavailableException">The log cannot be read, or is damaged.</exception>
    public async Task<IReadOnlyList<CheckpointStanding>> CheckpointsAsync(CancellationToken cancellationToken) =>
        CheckpointStanding.Of(await proofs.CheckpointsAsync(cancellationToken), settings);

    /// <param name="request">One that the reader may see: this does not ask.</param>
    /// <returns>Null while the proofs are being made.</returns>
    /// <exception cref="Audit.Appending.AuditUnavailableException">The log cannot be read, or is damaged.</exception>
    public async Task<IReadOnlyList<ProvedEvent>?> OfAsync(Guid request)
    {
        if (_underWay.Count >= MostUnderWay)
        {
            foreach (var done in _underWay.Where(static pair => pair.Value is { IsValueCreated: true, Value.IsCompleted: true }))
            {
                _underWay.TryRemove(done);
            }
        }

        // Not with the page's own token: what one page began serves the next.
        var proving = _underWay.GetOrAdd(request, id => new(() => Task.Run(() => proofs.OfRequestAsync(id, CancellationToken.None)))).Value;
        try
        {
            return [.. (await proving.WaitAsync(Patience, time)).Select(proof => new ProvedEvent(proof, proof.Check(settings.CheckpointKeys)))];
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            if (proving.IsCompleted)
            {
                _underWay.TryRemove(request, out _);
            }
        }
    }
}
