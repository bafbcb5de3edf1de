using Microsoft.Extensions.Hosting;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.WebConsole.Integrity;

/// <summary>A verification of the whole log that somebody asked this console for.</summary>
/// <param name="By">Who asked.</param>
/// <param name="EndedAt">Null while it runs.</param>
/// <param name="Done">Entries recomputed so far.</param>
/// <param name="Total">Entries that there were when it began; 0 before that is known.</param>
/// <param name="Report">Null while it runs, and when it could not be carried out.</param>
/// <param name="Obstacle">Why it could not be carried out, in one sentence.</param>
/// <param name="Kept">Checkpoints from outside of the database that it compares with; none means that a rollback goes unnoticed.</param>
public sealed record VerificationRun(
    string By, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, long Done, long Total, VerificationReport? Report, string? Obstacle, int Kept);

/// <summary>
/// Verifies the whole log, as <c>policyrouter audit verify</c> does, when somebody asks: one run at a time, half an hour at most, in the background. The outcome of the last
/// run is remembered as long as this process lives.
/// </summary>
internal sealed class LogVerification(ConsoleSettings settings, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private readonly Lock _starting = new();
    private volatile VerificationRun? _last;

    /// <summary>The run under way, or the last one; null when nobody has asked since the console was started.</summary>
    public VerificationRun? Last => _last;

    /// <summary>False without a public key: nothing would show who signed the checkpoints.</summary>
    public bool IsPossible => settings.CheckpointKeys.Count > 0;

    /// <summary>Begins a run, unless one is under way.</summary>
    public void Start(string by)
    {
        lock (_starting)
        {
            if (!IsPossible || _last is { EndedAt: null })
            {
                return;
            }

            _last = new VerificationRun(by, time.GetUtcNow(), null, 0, 0, null, null, 0);
        }

        _ = Task.Run(RunAsync);
    }

    /// <summary>Owns its failures: each of them becomes the outcome of the run.</summary>
    private async Task RunAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        limit.CancelAfter(Longest);
        VerificationReport? report = null;
        string? obstacle = null;
        try
        {
            // Before the log, which may grow meanwhile.
            var folder = settings.CheckpointFolder is { } named && Directory.Exists(named) ? named : null;
            var kept = folder is null ? [] : CheckpointFolder.ReadAll(folder);
            var roots = folder is null ? null : CheckpointFolder.ReadRoots(folder);
            _last = _last! with { Kept = kept.Count + (roots?.Newest.Count ?? 0) };
            LogVerifier verifier = new(settings.CheckpointKeys, kept, (done, total) => _last = _last! with { Done = done, Total = total }, roots);
            report = await verifier.VerifyDatabaseAsync(settings.ConnectionString, limit.Token);
        }
        catch (OperationCanceledException)
        {
            obstacle = "It took longer than half an hour, or the console was stopped: use `policyrouter audit verify`.";
        }
        catch (Exception failure) when (failure is AuditUnavailableException or IOException or UnauthorizedAccessException or FormatException)
        {
            obstacle = failure is AuditUnavailableException ? failure.Message : $"The kept checkpoints cannot be read: {failure.Message}";
        }
        finally
        {
            _last = _last! with { EndedAt = time.GetUtcNow(), Report = report, Obstacle = report is null ? obstacle ?? "It failed." : null };
        }
    }
}
