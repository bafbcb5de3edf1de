using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// Compares what answers say about themselves with the registry: where they were made, and by which model. It is after the fact, so what differs is recorded
/// and counted, and, if the registry says so, the deployment is suspended. What an answer shows of its deployment's health goes to the board.
/// </summary>
internal sealed partial class AnswerChecks : IDisposable
{
    public const string MeterName = "PolicyRouter.Answers";
    private const string Unreadable = "unreadable";

    private readonly AuditLog _audit;
    private readonly HealthBoard _board;
    private readonly TimeProvider _time;
    private readonly NodeName _node;
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _residency;
    private readonly Counter<long> _model;

    public AnswerChecks(AuditLog audit, HealthBoard board, TimeProvider time, NodeName node, IMeterFactory meters, ILogger<AnswerChecks> logger)
    {
        (_audit, _board, _time, _node, _logger) = (audit, board, time, node, logger);
        _meter = meters.Create(MeterName);
        _residency = _meter.CreateCounter<long>("policyrouter.residency.mismatches", "{answer}", "Answers that were made where the registry says they are not.");
        _model = _meter.CreateCounter<long>("policyrouter.model.mismatches", "{answer}", "Answers of another model than the one asked for.");
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Checks the answer of a request, and the attempts that failed before it.</summary>
    /// <param name="facts">Null when there was no answer.</param>
    public void Check(Guid requestId, AttemptsResult attempts, AnswerFacts? facts, DecidedRequest decided, PolicySnapshot snapshot)
    {
        foreach (var failed in attempts.Failures)
        {
            if (failed.Failure.IsResidencyMismatch && decided.Plan.Targets.FirstOrDefault(target => target.Deployment.Id == failed.DeploymentId) is { } refusing)
            {
                ReportPlace(requestId, refusing, "refused");
            }
        }

        if (facts is null || attempts.Target is not { Endpoint: { } endpoint } answering)
        {
            return;
        }

        if (facts.RanIn is { } place && !CloudPlaces.Covers(answering.Deployment.ProcessingRegions, place, snapshot.Zones))
        {
            ReportPlace(requestId, answering, ProviderWords.Place(place, decided.Prompt) ?? Unreadable);
        }

        var isOther = IsOtherModel(facts, endpoint);
        if (isOther)
        {
            ReportModel(requestId, answering, Expected(endpoint), ProviderWords.Model(facts.ResponseModel, Expected(endpoint), decided.Prompt) ?? Unreadable);
        }

        _board.NoteAnswer(answering, HealthBoard.CallerKey(decided.Decision.Request), facts, decided.Prompt.Document.LongestAnswer, isOther);
    }

    /// <summary>True when an answer names a model that the endpoint is not expected to answer as.</summary>
    public static bool IsOtherModel(AnswerFacts facts, Endpoint endpoint) =>
        facts.ResponseModel is { } model && Expected(endpoint) is { Count: > 0 } expected && !expected.Any(one => IsModel(one, model));

    /// <summary>
    /// True when a model id of an answer is that of the expected model: the same, or one of the two with a date or build behind it. <c>gpt-4o-2024-11-20</c>
    /// is <c>gpt-4o</c>; <c>gpt-4o-mini</c> is not, nor is <c>claude-sonnet-4-5</c> a <c>claude-sonnet-4</c>.
    /// </summary>
    public static bool IsModel(string expected, string reported)
    {
        var (shorter, longer) = (Bare(expected), Bare(reported));
        if (shorter.Length > longer.Length)
        {
            (shorter, longer) = (longer, shorter);
        }

        return shorter.Length > 0 && longer.StartsWith(shorter, StringComparison.Ordinal) && Build().IsMatch(longer.AsSpan(shorter.Length));
    }

    /// <summary>Nothing, or a date (<c>-2024-11-20</c>, <c>-20250929</c>) or number of a build (<c>-001</c>, <c>-0613</c>): three digits or more.</summary>
    [GeneratedRegex("^(-[0-9]{3,8}(-[0-9]{2}){0,2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex Build();

    /// <summary>Without the ways in which clouds and servers name the same model: publisher, profile and version.</summary>
    private static string Bare(string model)
    {
        var name = model[(model.LastIndexOf('/') + 1)..].ToLowerInvariant().Replace('@', '-');
        name = name.EndsWith("-latest", StringComparison.Ordinal) ? name[..^"-latest".Length] : name;
        var publisher = name.LastIndexOf("anthropic.", StringComparison.Ordinal);
        if (publisher < 0)
        {
            return name;
        }

        // us.anthropic.claude-sonnet-4-5-20250929-v1:0
        name = name[(publisher + "anthropic.".Length)..];
        var version = name.LastIndexOf("-v", StringComparison.Ordinal);
        return version < 0 ? name : name[..version];
    }

    /// <summary>Azure's deployments have names of their own, which say nothing about the model in them.</summary>
    public static IReadOnlyList<string> Expected(Endpoint endpoint) =>
        endpoint.AnswersAs.Count > 0 ? endpoint.AnswersAs : endpoint.Wire is WireFormat.AzureOpenAi ? [] : [endpoint.UpstreamModel];

    private void ReportPlace(Guid requestId, PermittedDeployment target, string place)
    {
        var deployment = target.Deployment;
        _residency.Add(1, new TagList { { "deployment", deployment.Id } });
        _logger.RanElsewhere(requestId, deployment.Id, place, string.Join(", ", deployment.ProcessingRegions));
        _audit.AppendFinding(
            new ResidencyMismatch
            {
                Id = Guid.CreateVersion7(_time.GetUtcNow()),
                At = _time.GetUtcNow(),
                RequestId = requestId,
                Deployment = deployment.Id,
                PolicyVersion = target.PolicyVersion,
                Claimed = deployment.ProcessingRegions,
                Reported = place,
            },
            requestId);
        if (deployment.SuspendsOnResidencyMismatch && !_audit.Suspended.Contains(deployment.Id))
        {
            _logger.SuspendedForResidency(deployment.Id);
            _audit.AppendFinding(
                new DeploymentSuspended
                {
                    Id = Guid.CreateVersion7(_time.GetUtcNow()),
                    At = _time.GetUtcNow(),
                    Deployment = deployment.Id,
                    By = "policyrouter",
                    Reason = "residency_mismatch",
                    Node = _node.Value,
                },
                requestId);
        }
    }

    private void ReportModel(Guid requestId, PermittedDeployment target, IReadOnlyList<string> expected, string model)
    {
        _model.Add(1, new TagList { { "deployment", target.Deployment.Id } });
        _logger.AnotherModel(requestId, target.Deployment.Id, model);
        _audit.AppendFinding(
            new ModelMismatch
            {
                Id = Guid.CreateVersion7(_time.GetUtcNow()),
                At = _time.GetUtcNow(),
                RequestId = requestId,
                Deployment = target.Deployment.Id,
                PolicyVersion = target.PolicyVersion,
                Expected = expected,
                Reported = model,
            },
            requestId);
    }
}
