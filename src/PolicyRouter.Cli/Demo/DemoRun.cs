using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Cli.Demo;

/// <summary>Sends the traffic of every phase and reckons up.</summary>
internal sealed class DemoRun(SimulatedStack stack, TimeProvider time)
{
    // Enough that a hanging provider holds up a handful of callers, not the whole ward.
    private const int Callers = 6;

    private const int Seed = 20260428;

    public DateTimeOffset Started { get; } = time.GetUtcNow();

    /// <summary>Runs the replay; <paramref name="seen"/> is told of each outcome as it comes.</summary>
    public async Task<Reckoning> RunAsync(Action<DemoOutcome> seen, CancellationToken cancellationToken)
    {
        DemoTraffic traffic = new(Seed);
        using DemoApp app = new(stack.DataPlane, stack.Token("ward-notes", "app"), time);
        List<DemoOutcome> outcomes = [];
        foreach (var phase in DemoPhase.Replay)
        {
            phase.Apply(stack.Fleet);
            await Parallel.ForEachAsync(
                traffic.Deal(phase.Requests),
                new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellationToken },
                async (request, token) =>
                {
                    var outcome = await app.AskAsync(request, phase.Name, token);
                    lock (outcomes)
                    {
                        outcomes.Add(outcome);
                        seen(outcome);
                    }
                });
        }

        return Reckoning.Of(
            outcomes,
            [.. stack.Fleet.Received.Select(static received => new ReceivedBody(received.Provider, received.Text))],
            await ReadLogAsync(cancellationToken),
            DemoPhase.Replay.ToDictionary(static phase => phase.Name, static phase => phase.Down, StringComparer.Ordinal),
            await VerifyLogAsync(cancellationToken));
    }

    /// <summary>As `audit verify` would: from the database, the public key, and the checkpoints that were kept outside.</summary>
    private async Task<VerificationReport> VerifyLogAsync(CancellationToken cancellationToken)
    {
        await stack.Gateway.Services.GetRequiredService<AuditLog>().PublishCheckpointAsync(cancellationToken);
        var key = CheckpointKey.FromPem(await File.ReadAllTextAsync(stack.Home.CheckpointPublicKey, cancellationToken));
        LogVerifier verifier = new([key], [.. CheckpointFolder.ReadAll(stack.Home.CheckpointFolder)]);
        return await verifier.VerifyDatabaseAsync(stack.ConnectionString, cancellationToken);
    }

    /// <summary>The log of the run, page by page, as an auditor would read it.</summary>
    private async Task<IReadOnlyList<LoggedRequest>> ReadLogAsync(CancellationToken cancellationToken)
    {
        await using var history = AuditHistory.Open(stack.ConnectionString);
        List<LoggedRequest> log = [];
        string? cursor = null;
        do
        {
            var page = await history.QueryAsync(
                new HistoryQuery { From = Started, To = time.GetUtcNow() + TimeSpan.FromMinutes(1), Limit = 500, Cursor = cursor }, cancellationToken);
            log.AddRange(page.Decisions.Select(static decision => new LoggedRequest(
                decision.Id, decision.Outcome, decision.AuthorizedDeployments, decision.Classes)));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return log;
    }
}
