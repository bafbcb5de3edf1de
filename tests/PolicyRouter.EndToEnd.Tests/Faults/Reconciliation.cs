using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>What callers were told, what providers received and what the log says, compared, once nothing runs any more.</summary>
/// <param name="Sends">Prompts that reached a provider.</param>
/// <param name="SendsWithoutRecord">Those that no committed event had authorised, to that provider, so many times.</param>
/// <param name="LostDecisions">Decisions of which a caller had the answer and which the log does not have as it was given.</param>
/// <param name="DoubledDecisions">Questions with two decisions.</param>
/// <param name="WithoutOneEnd">Permitted requests that have no end, or two.</param>
/// <param name="Unknown">Permitted requests that ended with their process.</param>
/// <param name="NotSent">Permitted requests whose record came too late for their caller.</param>
internal sealed partial record Reconciliation(
    int Questions, int Answers, int Decisions, int FurtherAttempts, int Sends, int SendsWithoutRecord, int LostDecisions, int DoubledDecisions, int WithoutOneEnd, int Unknown,
    int NotSent, VerificationReport Log)
{
    public static async Task<Reconciliation> OfAsync(FaultRig rig, Load load)
    {
        var log = await RecordedAsync(rig.ConnectionString);
        var decided = log.OfType<RequestDecided>().ToList();
        var byHash = decided.ToLookup(static one => one.PromptHash, StringComparer.Ordinal);
        var authorized = decided.Where(static one => one.AuthorizedDeployment is not null).Select(static one => (Request: one.Id, Deployment: one.AuthorizedDeployment!))
            .Concat(log.OfType<AttemptAuthorized>().Select(static one => (Request: one.RequestId, Deployment: one.AuthorizedDeployment)))
            .GroupBy(static one => one).ToDictionary(static group => group.Key, static group => group.Count());
        var ends = log.OfType<RequestCompleted>().GroupBy(static one => one.RequestId).ToDictionary(static group => group.Key, static group => group.ToList());
        var permits = decided.Where(static one => one.Outcome == "permit").ToList();
        var answered = load.Questions.Values.Where(static question => question.IsAnswered).ToList();

        var sends = rig.Folder.Fleet.Received.GroupBy(static sent => (Marker: Marker().Match(sent.Text).Value, sent.Provider)).ToList();
        var unrecorded = sends.Sum(sent =>
        {
            var decision = load.Questions.TryGetValue(sent.Key.Marker, out var question) ? byHash[question.Hash].FirstOrDefault() : null;
            var allowed = decision is null ? 0 : authorized.GetValueOrDefault((decision.Id, sent.Key.Provider));
            return Math.Max(0, sent.Count() - allowed);
        });
        List<SignedCheckpoint> kept = [.. rig.Nodes.SelectMany(static node => CheckpointFolder.ReadAll(node.Checkpoints))];
        return new Reconciliation(
            load.Questions.Count,
            answered.Count,
            decided.Count,
            log.OfType<AttemptAuthorized>().Count(),
            sends.Sum(static sent => sent.Count()),
            unrecorded,
            answered.Count(question => !byHash[question.Hash].Any(one => one.Id == question.Decision && one.Outcome == "permit")),
            byHash.Count(static group => group.Count() > 1) + decided.GroupBy(static one => one.Id).Count(static group => group.Count() > 1),
            permits.Count(one => !ends.TryGetValue(one.Id, out var own) || own.Count != 1),
            ends.Values.Count(static own => own[0].Outcome == "unknown"),
            ends.Values.Count(static own => own[0].Outcome == "not-sent"),
            await new LogVerifier([.. rig.Nodes.Select(static node => node.Key)], kept).VerifyDatabaseAsync(rig.ConnectionString, CancellationToken.None));
    }

    /// <summary>The promises, each for itself.</summary>
    public void AssertNothingLost()
    {
        Assert.True(Answers > 0 && Sends > 0, "Nothing was asked.");
        Assert.Equal(
            (SendsWithoutRecord: 0, LostDecisions: 0, DoubledDecisions: 0, WithoutOneEnd: 0), (SendsWithoutRecord, LostDecisions, DoubledDecisions, WithoutOneEnd));
        Assert.Empty(Log.Faults);
        Assert.True(Log.Checkpoints > 0, "No checkpoint was kept.");
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Questions} questions, {Answers} answered, {Decisions} decisions and {FurtherAttempts} further attempts recorded, {Sends} sends, {SendsWithoutRecord} without a record, "
        + $"{LostDecisions} decisions lost, {DoubledDecisions} doubled, {WithoutOneEnd} permits without exactly one end, {Unknown} ends unknown, {NotSent} not-sent; "
        + $"{Log.Entries} entries in {Log.Logs.Count} logs verified with {Log.Checkpoints} checkpoints: {Log.Faults.Count} faults, {Log.Uncovered} entries behind the last checkpoint");

    /// <summary>All events of the log.</summary>
    public static async Task<List<AuditEvent>> RecordedAsync(string connectionString)
    {
        await using NpgsqlConnection database = new(connectionString + ";Pooling=false");
        await database.OpenAsync();
        await using NpgsqlCommand command = new("SELECT bdata FROM audit.mt_events WHERE type <> 'tombstone' ORDER BY stream_id, version", database) { CommandTimeout = 0 };
        await using var rows = await command.ExecuteReaderAsync();
        List<AuditEvent> events = [];
        while (await rows.ReadAsync())
        {
            events.Add(CanonicalJsonReader.Read(rows.GetFieldValue<byte[]>(0)));
        }

        return events;
    }

    [GeneratedRegex("question-[0-9]+-end", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}
