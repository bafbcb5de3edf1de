using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// A prompt as one version of the policy has it looked through, and what that version decides about it: the two are never of different versions, since a version also says what is to be found
/// (<c>always redact</c>) and how it is to be replaced (its own profiles).
/// </summary>
internal readonly record struct DecisionInForce(ScannedPrompt Prompt, Decision Decision)
{
    /// <summary>
    /// Asks again before a further send: the policy or the legal day may have changed since, and what people signed may have expired. Under another version the prompt is looked through anew;
    /// what the former version had found still counts, for classes are only raised.
    /// </summary>
    /// <returns>The same two when nothing has changed.</returns>
    public DecisionInForce Under(PolicySnapshot snapshot, DateTimeOffset now)
    {
        var request = SignedOverrides.StillHeld(Decision, snapshot, now);
        if (snapshot.Version == Decision.PolicyVersion)
        {
            return ReferenceEquals(request, Decision.Request) ? this : this with { Decision = snapshot.Decide(request) };
        }

        var prompt = ScannedPrompt.Scan(Prompt.Document, RedactionSetup.Of(snapshot));
        return new(prompt, snapshot.Decide(request with { DetectedClasses = [.. request.DetectedClasses.Union(prompt.DetectedClasses, StringComparer.Ordinal)] }));
    }
}
