using System.Globalization;
using System.Text;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Cli.Policy;

namespace PolicyRouter.Cli.Audit;

/// <summary>What a verification found, for people and for programs.</summary>
internal static class VerificationText
{
    public static string Plain(VerificationReport report, bool hasKept, bool hasArchives)
    {
        StringBuilder text = new();
        foreach (var log in report.Logs)
        {
            var covered = log.Covered is null ? "covered by no checkpoint"
                : log.Uncovered == 0 ? string.Create(CultureInfo.InvariantCulture, $"all covered by the checkpoint of {log.CoveredAt:yyyy-MM-dd HH:mm:ss} UTC")
                : string.Create(CultureInfo.InvariantCulture, $"{log.Uncovered:N0} behind the newest checkpoint");
            if (log.IsRetired)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"shard {log.Shard}, epoch {log.Epoch}: {log.First:N0} entries, retired to an archive");
                continue;
            }

            text.AppendLine(CultureInfo.InvariantCulture, $"shard {log.Shard}, epoch {log.Epoch}: {log.Entries:N0} entries, {(log.Entries == 0 ? "nothing to cover" : covered)}");
        }

        foreach (var fault in report.Faults)
        {
            text.AppendLine().Append("FAULT ").AppendLine(Sentence(fault));
        }

        if (!hasKept)
        {
            text.AppendLine().AppendLine("No kept checkpoints were compared: a restored backup, or a rewrite of everything, would not be seen. Give --checkpoint.");
        }

        var retired = report.Logs.Count(static log => log is { Entries: 0, First: > 0 });
        if (retired > 0 && !hasArchives)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"The entries of {retired:N0} retired logs were not looked at: only a signed event says that they are in archives. Verify the archives, with --archive.");
        }

        return text.AppendLine().Append(CultureInfo.InvariantCulture,
            $"{(report.Verifies ? "The log verifies" : "THE LOG DOES NOT VERIFY")}: {report.Entries:N0} entries in {report.Logs.Count} logs recomputed, {report.Checkpoints:N0} checkpoints compared.").ToString();
    }

    public static string Json(VerificationReport report) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("verifies", report.Verifies);
        writer.WriteNumber("entries", report.Entries);
        writer.WriteNumber("uncovered", report.Uncovered);
        writer.WriteNumber("checkpoints", report.Checkpoints);
        writer.WriteStartArray("logs");
        foreach (var log in report.Logs)
        {
            writer.WriteStartObject();
            writer.WriteString("shard", log.Shard);
            writer.WriteNumber("epoch", log.Epoch);
            writer.WriteNumber("first", log.First);
            writer.WriteNumber("entries", log.Entries);
            writer.WriteNumber("uncovered", log.Uncovered);
            writer.WriteBoolean("retired", log.IsRetired);
            if (log.CoveredAt is { } at)
            {
                writer.WriteString("coveredAt", at.UtcDateTime);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("faults");
        foreach (var fault in report.Faults)
        {
            writer.WriteStartObject();
            writer.WriteString("shard", fault.Shard);
            if (fault.Epoch is { } epoch)
            {
                writer.WriteNumber("epoch", epoch);
            }

            if (fault.Index is { } index)
            {
                writer.WriteNumber("index", index);
            }

            if (fault.EventId is { } id)
            {
                writer.WriteString("eventId", id);
            }

            writer.WriteString("what", fault.What);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static string Sentence(LogFault fault)
    {
        string[] where =
        [
            .. fault.Shard is { } shard ? [$"shard {shard}"] : Array.Empty<string>(),
            .. fault.Epoch is { } epoch ? [string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}")] : Array.Empty<string>(),
            .. fault.Index is { } index ? [string.Create(CultureInfo.InvariantCulture, $"index {index}")] : Array.Empty<string>(),
            .. fault.EventId is { } id ? [$"event {id}"] : Array.Empty<string>(),
        ];
        return where.Length == 0 ? fault.What : $"{string.Join(", ", where)}: {fault.What}";
    }
}
