using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Resilience.Drifting;

/// <summary>What attempts and answers say about the drift of their deployment.</summary>
internal static class AnswerSamples
{
    // The usual time is never taken for more than this part of its deadline, so that slowness nobody noticed growing demotes well before it times out.
    private const double UsualPartOfDeadline = 0.35;

    // An answer this near to the length the caller allowed ends because of the caller.
    private const double NearlyAll = 0.9;

    // Fewer tokens say more about the network than about the model.
    private const int TokensForATime = 8;

    /// <summary>Of an attempt, as soon as its answer begins, or it has failed.</summary>
    /// <param name="elapsed">How long the attempt took.</param>
    public static DriftSample[] OfAttempt(Attempted attempted, TimeSpan elapsed, EndpointTimeouts timeouts) => attempted.Reply switch
    {
        ProviderReply.Streaming { Stream.Facts.FirstToken: { } first } => [Failed(false), FirstToken(first, timeouts)],
        ProviderReply.Failed { Failure.Kind: FailureKind.FirstTokenTimeout } => [Failed(true), FirstToken(elapsed, timeouts)],
        _ => [Failed(attempted.CountsAgainst)],
    };

    /// <summary>Of an answer that has come to its end; nothing of one that has not.</summary>
    /// <param name="longestAnswer">Tokens the caller asked for at most; null when it did not say.</param>
    public static DriftSample[] OfAnswer(AnswerFacts facts, int? longestAnswer, bool isOtherModel, EndpointTimeouts timeouts)
    {
        if (facts.FinishReason is not { } reason)
        {
            return facts.ResponseModel is null ? [] : [Share(Concern.OtherModel, isOtherModel)];
        }

        var tokens = facts.OutputTokens ?? facts.CountedTokens;
        var isRefusal = facts.IsRefusal || reason == "content_filter";
        List<DriftSample> samples =
        [
            Share(Concern.OtherModel, isOtherModel),
            Share(Concern.Refusals, isRefusal),
            Share(Concern.Empty, !facts.HasContent && !isRefusal),
            Share(Concern.Truncated, reason == "length" && !(longestAnswer is { } most && tokens >= most * NearlyAll)),
        ];
        if (facts.FirstToken is not null)
        {
            samples.Add(Share(Concern.Broken, false));
        }

        if (facts.Writing is { } writing && tokens >= TokensForATime)
        {
            samples.Add(facts.FirstToken is null
                ? new DriftSample(Concern.WholeToken, writing.TotalMilliseconds / tokens)
                : new DriftSample(Concern.Token, writing.TotalMilliseconds / (tokens - 1), timeouts.BetweenTokens.TotalMilliseconds * UsualPartOfDeadline));
        }

        return [.. samples];
    }

    private static DriftSample Failed(bool isFailed) => Share(Concern.Errors, isFailed);

    private static DriftSample Share(Concern concern, bool isBad) => new(concern, isBad ? 1 : 0);

    private static DriftSample FirstToken(TimeSpan elapsed, EndpointTimeouts timeouts) =>
        new(Concern.FirstToken, elapsed.TotalMilliseconds, timeouts.FirstToken.TotalMilliseconds * UsualPartOfDeadline);
}
