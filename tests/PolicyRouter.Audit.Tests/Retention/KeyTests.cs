using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Retention;

/// <summary>What the log says about the keys of its hashes and checkpoints, and what is found out before one is destroyed.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    private readonly SealedLog _log = new("gateway");

    public Task InitializeAsync() => _log.CreateAsync(0);

    public Task DisposeAsync() => _log.CleanAsync();

    [Fact]
    public async Task OtherKey_IsRecordedOnce_WhateverNodeComesUp()
    {
        await ComeUpAsync("2025", null, "node-1");
        await ComeUpAsync("2025", null, "node-2");
        var signer = CheckpointSigner.Create();
        await ComeUpAsync("2026", signer, "node-1");
        await ComeUpAsync("2026", signer, "node-2");
        await ComeUpAsync(null, signer, "node-3");
        await using (var history = AuditHistory.Open(_log.Database))
        {
            await history.RebuildIndexAsync(CancellationToken.None);
        }

        await ComeUpAsync("2026", signer, "node-1");

        var rotations = (await RecordedAsync()).OfType<KeyRotated>().ToList();
        Assert.Equal(
            [("prompt-hash", "2025", null, "node-1"), ("prompt-hash", "2026", "2025", "node-1"), ("checkpoint", signer.Key.Fingerprint, null, "node-1")],
            rotations.Select(static rotated => (rotated.Purpose, rotated.KeyId, rotated.PreviousKeyId, rotated.Node)));
    }

    [Fact]
    public async Task KeyToBeDestroyed_IsLookedUp_WithAllThatHangsOnIt()
    {
        await using (var log = await _log.OpenAsync())
        {
            await log.AppendAsync(Decided("2025", "2025"), CancellationToken.None);
            await log.AppendAsync(Decided("2025", null), CancellationToken.None);
            await log.AppendAsync(Decided("20251", null), CancellationToken.None);
            await log.AppendAsync(Sample.Attempt(Guid.CreateVersion7(), 2, "d") with { SentHash = "hmac-sha256:2025:cc" }, CancellationToken.None);
        }

        var found = await KeyErasure.FindAsync(_log.Database, "2025", CancellationToken.None);
        Assert.Equal((3L, null), (found.Hashes, found.Obstacle));
        Assert.InRange(found.Last!.Value - found.First!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Assert.Equal((0L, null), ((await KeyErasure.FindAsync(_log.Database, "none", CancellationToken.None)) is var none ? (none.Hashes, none.First) : default));
    }

    [Fact]
    public async Task KeyInUse_AndKeyUnderALegalHold_AreNotDestroyed()
    {
        await ComeUpAsync("2025", null, "node-1");
        await using (var log = await _log.OpenAsync())
        {
            await log.AppendAsync(Decided("2025", "2025"), CancellationToken.None);
        }

        Assert.Contains("is in use", (await KeyErasure.FindAsync(_log.Database, "2025", CancellationToken.None)).Obstacle, StringComparison.Ordinal);

        await ComeUpAsync("2026", null, "node-1");
        Assert.Null((await KeyErasure.FindAsync(_log.Database, "2025", CancellationToken.None)).Obstacle);

        await using (var log = await _log.OpenAsync())
        {
            await log.AppendAsync(Sample.HoldPlaced("case-1", apps: "some-app"), CancellationToken.None);
        }

        Assert.Contains("legal hold `case-1`", (await KeyErasure.FindAsync(_log.Database, "2025", CancellationToken.None)).Obstacle, StringComparison.Ordinal);
    }

    private static RequestDecided Decided(string promptKey, string? sentKey) => Sample.Permit() with
    {
        PromptHash = $"hmac-sha256:{promptKey}:aa", SentHash = sentKey is null ? null : $"hmac-sha256:{sentKey}:bb",
    };

    private async Task ComeUpAsync(string? keyId, CheckpointSigner? signer, string node)
    {
        await using var log = await _log.OpenAsync();
        await KeyChanges.RecordAsync(log, _log.Database, keyId, signer, node, TimeProvider.System, CancellationToken.None);
    }

    private async Task<List<AuditEvent>> RecordedAsync()
    {
        List<AuditEvent> all = [];
        for (long epoch = 1; epoch <= await Sql.ScalarAsync<long>(_log.Database, "SELECT max(epoch) FROM audit.tlog_head"); epoch++)
        {
            all.AddRange((await StoredLog.EventsAsync(_log.Database, "gateway", epoch)).Select(static stored => CanonicalJsonReader.Read(stored.Bytes)));
        }

        return all;
    }
}
