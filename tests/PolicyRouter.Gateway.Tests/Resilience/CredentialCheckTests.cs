using PolicyRouter.Gateway.Resilience;

namespace PolicyRouter.Gateway.Tests.Resilience;

public class CredentialCheckTests
{
    private readonly CredentialCheck _check = new();
    private int _reads;

    [Fact]
    public async Task RefusedCredential_IsReadAgainOnce_ForEverybodyUntilThereIsAnAnswer()
    {
        TaskCompletionSource<bool> vault = new();
        var waiting = Enumerable.Range(0, 50).Select(_ => _check.HasChangedAsync(() => Read(vault.Task))).ToList();
        vault.SetResult(false);

        Assert.All(await Task.WhenAll(waiting), Assert.False);
        Assert.False(await _check.HasChangedAsync(() => Read(vault.Task)));
        Assert.Equal(1, _reads);
        _check.Accepted();
        Assert.False(await _check.HasChangedAsync(() => Read(vault.Task)));
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task RotatedCredentialThatIsRefusedToo_IsNotTriedAgain()
    {
        Assert.True(await _check.HasChangedAsync(() => Read(Task.FromResult(true))));

        _check.RefusedAgain();

        Assert.False(await _check.HasChangedAsync(() => Read(Task.FromResult(true))));
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task SourceThatCouldNotBeRead_IsAskedAgain()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _check.HasChangedAsync(() => Read(Task.FromException<bool>(new InvalidOperationException()))));

        Assert.True(await _check.HasChangedAsync(() => Read(Task.FromResult(true))));
        Assert.Equal(2, _reads);
    }

    private Task<bool> Read(Task<bool> vault)
    {
        Interlocked.Increment(ref _reads);
        return vault;
    }
}
