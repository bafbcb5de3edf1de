using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Cli.Demo;

/// <summary>A body that arrived at a provider, as the provider kept it.</summary>
internal sealed record ReceivedBody(string Deployment, string Text);

/// <summary>What the log says about one request.</summary>
internal sealed record LoggedRequest(Guid Id, string Outcome, IReadOnlyList<string> AuthorizedDeployments, IReadOnlyList<string> Classes);

/// <summary>
/// The promises of the product against what happened. Sends and identifiers are counted at the providers and compared with
/// the hand-written expectations of <see cref="TrafficKinds"/>; nothing here asks the gateway what it thinks it did.
/// </summary>
internal sealed record Reckoning
{
    public required int Requests { get; init; }
    public required int Served { get; init; }
    public required int Refused { get; init; }

    /// <summary>Requests with a permitted live provider that got an error all the same.</summary>
    public required int Unanswered { get; init; }

    /// <summary>Served by another deployment than the first one tried.</summary>
    public required int FailedOver { get; init; }

    /// <summary>Bodies at a provider that may not have them, or that belong to no request.</summary>
    public required int ForbiddenSends { get; init; }

    /// <summary>Planted identifiers that arrived in clear although a duty demanded their redaction.</summary>
    public required int ClearIdentifiers { get; init; }

    /// <summary>Bodies at a provider for which the log holds no authorisation.</summary>
    public required int UnrecordedSends { get; init; }

    /// <summary>Served answers in which a planted identifier that had been redacted was not put back.</summary>
    public required int Unrestored { get; init; }

    /// <summary>Requests that had to be refused and were not, or the other way round.</summary>
    public required int WrongVerdicts { get; init; }
    public required int Decisions { get; init; }

    /// <summary>Entries of the log that were recomputed from their bytes, against checkpoints kept outside of the database.</summary>
    public required long VerifiedEntries { get; init; }

    /// <summary>Places where the log is not what was recorded.</summary>
    public required int LogFaults { get; init; }

    /// <summary>Share of the requests with at least one permitted live provider that were answered, 0 to 1.</summary>
    public required double AvailabilityPermitted { get; init; }
    public required TimeSpan MedianFailover { get; init; }

    /// <summary>The log's answer to "who received PHI between these times": deployment and number of requests.</summary>
    public required IReadOnlyDictionary<string, int> PhiRecipients { get; init; }

    public bool EveryPromiseHeld =>
        ForbiddenSends == 0 && ClearIdentifiers == 0 && UnrecordedSends == 0 && Unrestored == 0 && WrongVerdicts == 0
        && Decisions == Requests && LogFaults == 0 && VerifiedEntries >= Decisions && Unanswered == 0 && FailedOver > 0 && Served > 0 && Refused > 0;

    public static Reckoning Of(
        IReadOnlyList<DemoOutcome> outcomes, IReadOnlyList<ReceivedBody> received, IReadOnlyList<LoggedRequest> log,
        IReadOnlyDictionary<string, IReadOnlySet<string>> downByPhase, VerificationReport verification)
    {
        var byMarker = outcomes.ToDictionary(static outcome => outcome.Request.Marker, StringComparer.Ordinal);
        var authorized = log.ToDictionary(static entry => entry.Id, static entry => entry.AuthorizedDeployments);
        int forbidden = 0, clear = 0, unrecorded = 0;
        foreach (var body in received)
        {
            var outcome = MarkerIn(body.Text) is { } marker ? byMarker.GetValueOrDefault(marker) : null;
            if (outcome is null)
            {
                forbidden++;
                continue;
            }

            var kind = outcome.Request.Kind;
            forbidden += kind.Lawful.Contains(body.Deployment) ? 0 : 1;
            unrecorded += authorized.GetValueOrDefault(outcome.DecisionId)?.Contains(body.Deployment) == true ? 0 : 1;
            clear += kind.MustBeRedactedAt.Contains(body.Deployment)
                ? outcome.Request.Planted.Identifiers.Count(identifier => body.Text.Contains(identifier, StringComparison.OrdinalIgnoreCase))
                : 0;
        }

        var answerable = outcomes
            .Where(outcome => outcome.Request.Kind.Lawful.Except(downByPhase[outcome.Phase], StringComparer.Ordinal).Any())
            .ToList();
        var failovers = outcomes.Where(static outcome => outcome is { IsServed: true, Attempts: > 1 }).ToList();
        return new Reckoning
        {
            Requests = outcomes.Count,
            Served = outcomes.Count(static outcome => outcome.IsServed),
            Refused = outcomes.Count(static outcome => outcome.Status is 400 or 403),
            Unanswered = answerable.Count(static outcome => !outcome.IsServed),
            FailedOver = failovers.Count,
            ForbiddenSends = forbidden,
            ClearIdentifiers = clear,
            UnrecordedSends = unrecorded,
            Unrestored = outcomes.Count(static outcome => outcome is { IsServed: true, Redactions: > 0 } && !IsRestored(outcome)),
            WrongVerdicts = outcomes.Count(static outcome => outcome.IsServed ? outcome.Request.Kind.Lawful.Count == 0 : outcome.Status == 403 != (outcome.Request.Kind.Lawful.Count == 0)),
            Decisions = log.Count,
            VerifiedEntries = verification.Entries,
            LogFaults = verification.Faults.Count,
            AvailabilityPermitted = answerable.Count == 0 ? 0 : answerable.Count(static outcome => outcome.IsServed) / (double)answerable.Count,
            MedianFailover = failovers.Count == 0 ? TimeSpan.Zero : failovers.Select(static outcome => outcome.Elapsed).Order().ElementAt(failovers.Count / 2),
            PhiRecipients = log
                .Where(static entry => entry.Classes.Contains("phi"))
                .SelectMany(static entry => entry.AuthorizedDeployments)
                .CountBy(static deployment => deployment, StringComparer.Ordinal)
                .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                .ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal),
        };
    }

    /// <summary>The simulated providers repeat the prompt, so every identifier of it must stand in the answer again.</summary>
    private static bool IsRestored(DemoOutcome outcome) =>
        outcome.Request.Planted.Identifiers.All(identifier => outcome.Answer!.Contains(identifier, StringComparison.Ordinal));

    private static string? MarkerIn(string body)
    {
        const string Opening = "(thread ";
        var start = body.IndexOf(Opening, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start += Opening.Length;
        var end = body.IndexOf(')', start);
        return end < 0 ? null : body[start..end];
    }
}
