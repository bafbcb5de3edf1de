using System.Diagnostics;
using System.Diagnostics.Metrics;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Wire;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// What operators see of requests: one span per decision and one per call, and their metrics, named as OpenTelemetry's conventions for generative AI name them (status
/// "development"; pinned here and nowhere else). Names of the policy's files, fixed words and numbers only: attributes for content are never set.
/// </summary>
internal sealed class RequestTelemetry : IDisposable
{
    /// <summary>The name of the source of spans and of the meter.</summary>
    public const string Name = "PolicyRouter.Requests";

    private static readonly ActivitySource Source = new(Name);

    // The buckets that the conventions recommend.
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };

    private static readonly InstrumentAdvice<long> Tokens =
        new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864] };

    private readonly Meter _meter;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<double> _furtherChunk;
    private readonly Histogram<long> _tokens;

    public RequestTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _decisions = _meter.CreateCounter<long>("policyrouter.decisions", "{decision}", "Decisions that were recorded.");
        _attempts = _meter.CreateCounter<long>("policyrouter.attempts", "{attempt}", "Attempts that have ended, by what became of them.");
        _duration = _meter.CreateHistogram("gen_ai.client.operation.duration", "s", "How long calls took, all attempts together.", advice: Seconds);
        _firstChunk = _meter.CreateHistogram("gen_ai.client.operation.time_to_first_chunk", "s", "How long calls took to their first word.", advice: Seconds);
        _furtherChunk = _meter.CreateHistogram("gen_ai.client.operation.time_per_output_chunk", "s", "How long each chunk of a stream took after the one before it.", advice: Seconds);
        _tokens = _meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens of calls.", advice: Tokens);
    }

    /// <summary>Whether spans of calls are listened to by somebody.</summary>
    public static bool IsTraced => Source.HasListeners();

    public void Dispose() => _meter.Dispose();

    /// <summary>A decision that is durable: a span of no length, for what was decided, and a count.</summary>
    /// <param name="code">Why it was refused; null when it was permitted.</param>
    public void Decided(DecidedRequest decided, string? code)
    {
        var verdict = code is null ? "allow" : "deny";
        _decisions.Add(1, new TagList { { "outcome", code is null ? "permit" : "deny" }, { "code", code ?? "" }, { "route", decided.Prompt.Document.Model } });
        using var span = Source.StartActivity("run_guardrail policyrouter");
        span?.SetTag("gen_ai.operation.name", "run_guardrail")
            .SetTag("gen_ai.guardrail.verdict.type", verdict)
            .SetTag("gen_ai.guardrail.verdict.reason", code)
            .SetTag("gen_ai.guardrail.action.type", code is null ? "allow" : "block")
            .SetTag("gen_ai.security.policy.id", decided.Decision.PolicyVersion)
            .SetTag("policyrouter.decision.id", decided.Exchange.RequestId.ToString())
            .SetTag("policyrouter.refusal.code", code);
        if (span is { IsAllDataRequested: true })
        {
            var rules = code is null ? RulesOfDuties(decided) : RulesOfDenials(decided);
            // The convention has room for one.
            span.SetTag("gen_ai.security.policy.rule.id", rules.FirstOrDefault()).SetTag("policyrouter.rules", rules.Length > 0 ? rules : null);
        }
    }

    /// <summary>Begins the span of a call; null when nobody listens.</summary>
    public static Activity? Start(DecidedRequest decided)
    {
        var document = decided.Prompt.Document;
        return Source.StartActivity($"{OperationOf(document.Api)} {document.Model}", ActivityKind.Client)?
            .SetTag("gen_ai.operation.name", OperationOf(document.Api))
            .SetTag("gen_ai.request.model", document.Model)
            .SetTag("gen_ai.request.stream", document.IsStreaming)
            .SetTag("gen_ai.request.max_tokens", document.LongestAnswer)
            .SetTag("policyrouter.decision.id", decided.Exchange.RequestId.ToString());
    }

    /// <summary>Takes how long each further chunk of an answer took; null when nobody listens.</summary>
    public Action<TimeSpan>? PaceOf(DecidedRequest decided, AttemptsResult attempts)
    {
        if (!_furtherChunk.Enabled)
        {
            return null;
        }

        var tags = TagsOf(decided, attempts);
        return waited => _furtherChunk.Record(waited.TotalSeconds, tags);
    }

    /// <summary>A call that has ended, one way or another.</summary>
    /// <param name="facts">What the answer says about itself; null when there is none.</param>
    public void Ended(Activity? span, DecidedRequest decided, AttemptsResult attempts, RequestCompleted completed, AnswerFacts? facts)
    {
        foreach (var failed in attempts.Failures)
        {
            _attempts.Add(1, new TagList { { "deployment", failed.DeploymentId }, { "result", failed.Failure.Code } });
        }

        if (completed.Deployment is { } answering)
        {
            _attempts.Add(1, new TagList { { "deployment", answering }, { "result", completed.Outcome } });
        }

        var error = completed.Outcome == "completed" ? null : completed.Outcome;
        var tags = TagsOf(decided, attempts);
        Count("input", completed.InputTokens, tags);
        Count("output", completed.OutputTokens, tags);
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        _duration.Record(completed.DurationMs / 1_000.0, tags);
        if (completed.FirstByteMs is { } first)
        {
            _firstChunk.Record(first / 1_000.0, tags);
        }

        span?.SetTag("gen_ai.provider.name", ProviderOf(attempts))
            .SetTag("server.address", attempts.Target?.Endpoint?.Url.Host)
            .SetTag("gen_ai.response.model", completed.ResponseModel)
            .SetTag("gen_ai.response.id", ProviderWords.Id(facts?.ResponseId, decided.Prompt))
            .SetTag("gen_ai.response.finish_reasons", ReasonsOf(facts?.FinishReason))
            .SetTag("gen_ai.response.time_to_first_chunk", completed.FirstByteMs / 1_000.0)
            .SetTag("gen_ai.usage.input_tokens", completed.InputTokens)
            .SetTag("gen_ai.usage.output_tokens", completed.OutputTokens)
            .SetTag("gen_ai.usage.cache_read.input_tokens", facts?.CachedTokens)
            .SetTag("gen_ai.usage.reasoning.output_tokens", facts?.ReasoningTokens)
            .SetTag("policyrouter.deployment", completed.Deployment)
            .SetTag("policyrouter.attempts", completed.Attempts)
            .SetTag("error.type", error)
            .SetStatus(error is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
    }

    private void Count(string type, long? tokens, TagList tags)
    {
        if (tokens is { } count)
        {
            tags.Add("gen_ai.token.type", type);
            _tokens.Record(count, tags);
        }
    }

    private static TagList TagsOf(DecidedRequest decided, AttemptsResult attempts) => new()
    {
        { "gen_ai.operation.name", OperationOf(decided.Prompt.Document.Api) },
        { "gen_ai.provider.name", ProviderOf(attempts) ?? "none" },
        { "gen_ai.request.model", decided.Prompt.Document.Model },
    };

    /// <summary>The rules that had something done to the request before it went to the first target.</summary>
    private static string[] RulesOfDuties(DecidedRequest decided) =>
        decided.Plan.Targets.Count == 0 ? [] : [.. decided.Plan.Targets[0].Duties.Firing.Select(static duty => duty.Rule).Distinct(StringComparer.Ordinal)];

    /// <summary>The rules, or fixed words, that kept it from somebody.</summary>
    private static string[] RulesOfDenials(DecidedRequest decided) =>
        [.. decided.Decision.Denied.SelectMany(static denied => denied.Reasons).Select(static reason => reason.Rule).Distinct(StringComparer.Ordinal)];

    /// <summary>In a closed set: whatever else a provider calls it, it is not repeated.</summary>
    private static string[]? ReasonsOf(string? finish) => finish switch
    {
        null => null,
        "stop" or "length" or "tool_calls" or "content_filter" or "function_call" or "pause_turn" => [finish],
        _ => ["other"],
    };

    private static string? ProviderOf(AttemptsResult attempts) => attempts.Target?.Endpoint is { } endpoint ? ProviderName(endpoint.Wire) : null;

    private static string OperationOf(CallerApi api) => ReferenceEquals(api, CallerApi.Embeddings) ? "embeddings" : "chat";

    private static string ProviderName(WireFormat wire) => wire switch
    {
        WireFormat.AzureOpenAi => "azure.ai.openai",
        WireFormat.Anthropic => "anthropic",
        WireFormat.Bedrock => "aws.bedrock",
        WireFormat.VertexAnthropic or WireFormat.VertexGemini => "gcp.vertex_ai",
        _ => "openai",
    };
}
