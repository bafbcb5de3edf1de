namespace PolicyRouter.Testing;

/// <summary>What comes about by itself, behind what a test did, and tells nobody when it has.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Asks again and again, until it holds.</summary>
    /// <exception cref="TimeoutException">It did not within two minutes.</exception>
    public static async Task HoldsAsync(Func<Task<bool>> holds)
    {
        ArgumentNullException.ThrowIfNull(holds);
        using CancellationTokenSource patience = new(Patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(50));
        while (!await holds())
        {
            try
            {
                await pause.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"It does not hold after {Patience.TotalMinutes:F0} minutes.");
            }
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}})"/>
    public static Task HoldsAsync(Func<bool> holds) => HoldsAsync(() => Task.FromResult(holds()));
}
