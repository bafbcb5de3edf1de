using System.CommandLine;
using System.Globalization;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Retention;

namespace PolicyRouter.Cli.Audit;

/// <summary>
/// <c>audit erase</c>: records that a key of prompt hashes is given up, and says how it is destroyed. Exit 1 when it is in use or a legal hold covers its time; 4 when it cannot be
/// recorded.
/// </summary>
internal static class AuditEraseCommand
{
    internal static Command Create()
    {
        Option<string> keyId = new("--key-id") { Description = "The key's id, as it stands in the hashes: hmac-sha256:ID:HEX.", Required = true, HelpName = "ID" };
        keyId.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (string.IsNullOrWhiteSpace(text) || text.Contains(':', StringComparison.Ordinal)))
            {
                result.AddError("--key-id is an id without a colon.");
            }
        });
        var reason = KeepingVerb.Reason("The reference of the request.");
        var database = KeepingVerb.Database();
        Command command = new("erase", "Answers a request for erasure: records that a key of prompt hashes is destroyed.") { keyId, reason, database };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(database), parsed.GetRequiredValue(keyId), parsed.GetRequiredValue(reason), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static Task<int> RunAsync(string? named, string keyId, string reason, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        KeepingVerb.RunAsync(named, error, async database =>
        {
            var found = await KeyErasure.FindAsync(database.ConnectionString, keyId, cancellationToken);
            if (found.Obstacle is { } obstacle)
            {
                await error.WriteLineAsync($"{obstacle} Nothing was recorded, and nothing may be destroyed.");
                return ExitCodes.AnswerIsNo;
            }

            var now = TimeProvider.System.GetUtcNow();
            ErasureExecuted erased = new()
            {
                Id = Guid.CreateVersion7(now), At = now, KeyId = keyId, Hashes = found.Hashes, First = found.First, Last = found.Last, Reason = reason, By = CliReads.Reader,
            };
            if (!await CliReads.TryRecordAsync(database, erased, TimeProvider.System, error, cancellationToken))
            {
                throw new AuditUnavailableException("An erasure has to be recorded, and the database role, or the server, can only read.");
            }

            await output.WriteLineAsync(WhatRemains(found));
            return ExitCodes.Good;
        }, cancellationToken);

    private static string WhatRemains(HashesOfKey found) => string.Create(CultureInfo.InvariantCulture, $"""
        Recorded: the key `{found.KeyId}` is given up. {found.Hashes:N0} events have a hash under it{(found.First is { } first ? $", from {first.UtcDateTime:yyyy-MM-dd} to {found.Last?.UtcDateTime:yyyy-MM-dd}" : "")}.

        Now destroy the key, wherever it is:
          1. Its secret in the vault, with all versions: az keyvault secret delete --vault-name VAULT --name NAME
             and, since deleted secrets can be recovered: az keyvault secret purge --vault-name VAULT --name NAME
          2. Backups of the vault, deployment files and environments in which it stood.
        Until then nothing is erased.

        What remains: the events, unchanged and verifiable. Their hashes can no longer be compared with any text. They still say when which app asked with which data classes, and what
        was decided. The pseudonyms and placeholders derived from the key cannot be made again; they were sent to providers and are not in the log.
        Not touched by this: what operators wrote as reasons, and the ids of callers, approvers and readers.
        """);
}
