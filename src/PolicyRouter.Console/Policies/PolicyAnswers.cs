using System.Collections.Concurrent;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.WebConsole.Policies;

/// <summary>
/// What takes thought about a policy, each thought once: the matrix of a day, the calendar, the proofs, what is left when something fails. A page waits
/// a moment for an answer; one that takes longer is there when the page is opened again.
/// </summary>
internal sealed class PolicyAnswers(TimeProvider time)
{
    private const int MostKept = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(string What, string Version, DateOnly Day), Lazy<Task<object>>> _answers = new();

    public Task<IReadOnlyList<MatrixRow>?> MatrixAsync(PolicySnapshot policy, DateOnly day) =>
        AnswerAsync("matrix", policy, day, () => PolicyDocument.MatrixOf(policy, day));

    public Task<IReadOnlyList<string>?> CalendarAsync(PolicySnapshot policy, DateOnly day) =>
        AnswerAsync<IReadOnlyList<string>>("calendar", policy, day, () =>
        {
            try
            {
                return [.. PolicyCalendar.From(policy, day).Select(static entry => entry.Sentence)];
            }
            catch (TooLargeException tooLarge)
            {
                return [$"Not enumerated, because the policy is too large: {tooLarge.Message}."];
            }
        });

    /// <summary>Everything that <c>policy check</c> says about a folder, proofs and analysis included.</summary>
    public Task<IReadOnlyList<Problem>?> CheckAsync(string folder, PolicySnapshot policy, DateOnly day, PolicyLoadOptions options) => AnswerAsync(
        $"check of {folder}", policy, day, () => PolicyFolder.Load(folder, options with { Review = new PolicyReview(time.GetUtcNow(), RunsCases: false) }).Problems);

    /// <summary>Forgets what was found about a version.</summary>
    public void Forget(string version)
    {
        foreach (var answer in _answers.Where(pair => pair.Key.Version == version || pair.Key.What.EndsWith(version, StringComparison.Ordinal)))
        {
            _answers.TryRemove(answer);
        }
    }

    public Task<PolicyProof?> ProofAsync(PolicySnapshot policy, DateOnly day) => AnswerAsync("proof", policy, day, () => Prover.Prove(policy, day));

    /// <summary>How the cases beside the policy come out.</summary>
    public Task<SuiteReport?> CasesAsync(PolicySnapshot policy, DateOnly day) => AnswerAsync("cases", policy, day, () => SuiteRunner.Run(policy, mutations: false));

    /// <summary>Every change in decisions that the second would bring over the first.</summary>
    public Task<PolicyDifference?> DifferenceAsync(PolicySnapshot before, PolicySnapshot after, DateOnly day) =>
        AnswerAsync($"difference from {before.Version}", after, day, () => PolicyComparison.Compare(before, after, day));

    public Task<IReadOnlyList<FlowResilience>?> ResilienceAsync(PolicySnapshot policy, DateOnly day) =>
        AnswerAsync("resilience", policy, day, () => PolicyResilience.Of(policy, day));

    /// <returns>Null while the answer is still being worked out.</returns>
    private async Task<T?> AnswerAsync<T>(string what, PolicySnapshot policy, DateOnly day, Func<T> think)
        where T : class
    {
        if (_answers.Count >= MostKept)
        {
            _answers.Clear();
        }

        var answer = _answers.GetOrAdd((what, policy.Version, day), static (_, think) => new(() => Task.Run(() => (object)think())), think).Value;
        try
        {
            return (T)await answer.WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
