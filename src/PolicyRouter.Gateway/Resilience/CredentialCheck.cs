namespace PolicyRouter.Gateway.Resilience;

/// <summary>
/// A credential that a provider refuses is read again from its source once, for everybody who meets the refusal, and not again before the provider has answered:
/// an outage of its authentication must not become a storm on the vault. Thread-safe.
/// </summary>
internal sealed class CredentialCheck
{
    private readonly Lock _gate = new();
    private Task<bool>? _changed;

    /// <summary>True when the source has another credential than the one refused: worth a second try.</summary>
    public Task<bool> HasChangedAsync(Func<Task<bool>> read)
    {
        lock (_gate)
        {
            // A source that could not be read has not said anything.
            return _changed = _changed is null or { IsFaulted: true } ? Task.Run(read) : _changed;
        }
    }

    /// <summary>The new one is refused, too.</summary>
    public void RefusedAgain()
    {
        lock (_gate)
        {
            _changed = Task.FromResult(false);
        }
    }

    public void Accepted()
    {
        lock (_gate)
        {
            _changed = null;
        }
    }
}
