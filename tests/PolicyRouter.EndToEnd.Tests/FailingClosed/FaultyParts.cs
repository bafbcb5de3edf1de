using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Security.KeyVault.Secrets;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Redaction;

namespace PolicyRouter.EndToEnd.Tests.FailingClosed;

/// <summary>How a part of the request path fails: at once, by being cancelled, or by not coming back until the test lets it.</summary>
internal sealed class Failing(string how) : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _release = new();

    /// <summary>The part has been asked.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Lets a part that hangs come back, now and from now on.</summary>
    public void Release() => _release.Set();

    /// <exception cref="InvalidOperationException">It fails at once.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled, by nobody of the request.</exception>
    public void Strike()
    {
        _reached.TrySetResult();
        switch (how)
        {
            case "throws":
                throw new InvalidOperationException("words of a patient");
            case "is cancelled":
                throw new OperationCanceledException("words of a patient");
            default:
                _release.Wait();
                break;
        }
    }

    public void Dispose()
    {
        _release.Set();
        _release.Dispose();
    }
}

/// <summary>Puts faults into parts that have no interface to stand in for, by the data they hold: the product has no switch for tests.</summary>
internal static class FaultyParts
{
    /// <summary>Makes the detector of encoded text fail. Texts without any are not affected.</summary>
    /// <returns>Makes it well again.</returns>
    public static Action BreakDetector(SensitiveTextScanner scanner, Failing failing)
    {
        var decoded = DecodedOf(scanner);
        var well = decoded[0];
        decoded[0] = (text, found) =>
        {
            failing.Strike();
            well(text, found);
        };
        return () => decoded[0] = well;
    }

    /// <summary>Makes the engine fail in the middle of a decision.</summary>
    /// <returns>Makes it well again.</returns>
    public static Action BreakEngine(PolicySnapshot policy, Failing failing)
    {
        var well = policy.Deployments;
        DeploymentsOf(policy) = new FailingList<Deployment>(well, failing);
        return () => DeploymentsOf(policy) = well;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_scanDecoded")]
    private static extern ref Action<ReadOnlySpan<char>, List<Finding>>[] DecodedOf(SensitiveTextScanner scanner);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Deployments>k__BackingField")]
    private static extern ref IReadOnlyList<Deployment> DeploymentsOf(PolicySnapshot policy);

    private sealed class FailingList<T>(IReadOnlyList<T> well, Failing failing) : IReadOnlyList<T>
    {
        public T this[int index] => well[index];

        public int Count
        {
            get
            {
                failing.Strike();
                return well.Count;
            }
        }

        public IEnumerator<T> GetEnumerator() => well.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <summary>A key vault that fails as its client may; when it hangs, it does not hear that nobody waits any more.</summary>
/// <param name="first">What it answers when it is asked for a secret for the first time; null when it fails then already.</param>
internal sealed class FailingVault(string how, Func<string, string>? first = null) : SecretClient, IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _asked = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _hanging = new(0);

    /// <summary>Returns once for each time that it began to hang.</summary>
    public Task HangingAsync() => _hanging.WaitAsync();

    public override Task<Response<KeyVaultSecret>> GetSecretAsync(
        string name, string? version, SecretContentType? outContentType, CancellationToken cancellationToken)
    {
        if (first is not null && _asked.TryAdd(name, true))
        {
            return Task.FromResult(Response.FromValue(new KeyVaultSecret(name, first(name)), null!));
        }

        if (how == "hangs")
        {
            _hanging.Release();
            return new TaskCompletionSource<Response<KeyVaultSecret>>().Task;
        }

        return how switch
        {
            "throws" => throw new RequestFailedException(403, "words of a patient"),
            _ => Task.FromException<Response<KeyVaultSecret>>(new OperationCanceledException("words of a patient")),
        };
    }

    public void Dispose() => _hanging.Dispose();
}
