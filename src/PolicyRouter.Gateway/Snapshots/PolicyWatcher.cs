using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.Gateway.Snapshots;

/// <summary>
/// Reloads the policy when its folder changes (half a second after the last change), on SIGHUP, and once a minute for file systems that
/// report nothing. A folder that has not changed costs a read.
/// </summary>
internal sealed class PolicyWatcher(PolicySource source, string folder, bool handleSignals, TimeProvider time, ILogger<PolicyWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainWhenNoneIsInForce = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _changed = new(0, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hangUp = !handleSignals || OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp);
        using var watcher = Watch();
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitForChangeAsync(source.Active is null ? LookAgainWhenNoneIsInForce : LookAgain, stoppingToken);
            try
            {
                await source.ReloadAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // The edge of the background loop: the policy in force stays, and the next look tries again.
                logger.LookFailed(error.GetType().Name);
            }
        }
    }

    private async Task WaitForChangeAsync(TimeSpan longest, CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            await _changed.WaitAsync(either.Token);
            do
            {
                await Task.Delay(Quiet, time, stoppingToken);
            }
            while (await _changed.WaitAsync(TimeSpan.Zero, stoppingToken));
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Nothing changed for so long: look anyway.
            return;
        }
    }

    private FileSystemWatcher? Watch()
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        FileSystemWatcher watcher = new(folder) { IncludeSubdirectories = true };
        watcher.Changed += (_, _) => Signal();
        watcher.Created += (_, _) => Signal();
        watcher.Deleted += (_, _) => Signal();
        watcher.Renamed += (_, _) => Signal();
        watcher.Error += (_, _) => Signal();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void OnHangUp(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Signal();
    }

    private void Signal()
    {
        lock (_changed)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _changed.Dispose();
    }
}
