using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Audit.Retention;

/// <summary>Why a finished epoch may not be retired. What is in force now, or proves what is gone, must stay in the log.</summary>
internal sealed class EpochObstacles(NpgsqlConnection connection, IReadOnlyList<LegalHold> holds)
{
    /// <param name="first">A time before which no event of the epoch happened.</param>
    /// <param name="last">A time after which none did.</param>
    public async Task<string?> OfAsync(StoredHead head, DateTimeOffset first, DateTimeOffset last, CancellationToken cancellationToken)
    {
        foreach (var hold in holds)
        {
            if (hold.Overlaps(first, last) && (hold.Apps.Count == 0 || await HasRequestOfAsync(head, hold.Apps, cancellationToken)))
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"The legal hold `{hold.Name}` of {hold.At:yyyy-MM-dd} covers it{Apps(hold)}; lift it first with `audit hold lift --name`.");
            }

            if (await AnyAsync(head, "id = $2", hold.Event, cancellationToken))
            {
                return $"The legal hold `{hold.Name}` is in force and was placed in it; lift it, or lift it and place it again, first.";
            }
        }

        if (await AnyAsync(head, "type = $2", EventTypes.RetentionExecuted, cancellationToken))
        {
            return "It says what became of epochs that were retired before, and stays for that.";
        }

        if (await SuspendedInAsync(head, last, cancellationToken) is { } deployment)
        {
            return $"The deployment `{deployment}` may have been suspended in it and still is; resume it, or resume it and suspend it again, first.";
        }

        if (await DecidesLaterAsync(head, cancellationToken))
        {
            return "The policy that was activated in it was still in force in a later epoch of the shard that is kept; it stays as long as that one does.";
        }

        foreach (var projection in ProjectionNames.All)
        {
            if (!await ProjectionStanding.HasCountedAsync(connection, projection, head.Stream, cancellationToken))
            {
                return $"The sums of {projection} have yet to count it; let a gateway with Audit:Projections do so, or run `audit rebuild`, first.";
            }
        }

        return null;
    }

    private static string Apps(LegalHold hold) => hold.Apps.Count == 0 ? "" : $", for the requests of {string.Join(", ", hold.Apps)}";

    /// <summary>By the recorded bytes, which are sealed.</summary>
    private async Task<bool> HasRequestOfAsync(StoredHead head, IReadOnlyList<string> apps, CancellationToken cancellationToken)
    {
        foreach (var app in apps)
        {
            if (await AnyAsync(head, "position($2 IN bdata) > 0", Encoding.UTF8.GetBytes($"\"app\":\"{JsonEncodedText.Encode(app)}\""), cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<string?> SuspendedInAsync(StoredHead head, DateTimeOffset last, CancellationToken cancellationToken)
    {
        if (!await AnyAsync(head, "type = $2", EventTypes.DeploymentSuspended, cancellationToken))
        {
            return null;
        }

        await using NpgsqlCommand command = new("SELECT deployment FROM audit.suspension WHERE at <= $1 ORDER BY deployment LIMIT 1", connection);
        command.Parameters.AddWithValue(last.UtcDateTime);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>A process that goes on for months records once which policy is in force: whoever asks about a later month finds it here, until another was activated.</summary>
    private async Task<bool> DecidesLaterAsync(StoredHead head, CancellationToken cancellationToken)
    {
        if (!await AnyAsync(head, "type = $2", EventTypes.PolicyActivated, cancellationToken))
        {
            return false;
        }

        await using NpgsqlCommand command = new(
            """
            SELECT first.type FROM audit.tlog_head h CROSS JOIN LATERAL (
                SELECT e.type FROM audit.mt_events e WHERE e.stream_id = h.stream_id AND e.type IN ($3, $4) ORDER BY e.version LIMIT 1) first
            WHERE h.shard = $1 AND h.epoch > $2 AND h.retired_at IS NULL ORDER BY h.epoch LIMIT 1
            """,
            connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue(head.Shard);
        command.Parameters.AddWithValue(head.Epoch);
        command.Parameters.AddWithValue(EventTypes.PolicyActivated);
        command.Parameters.AddWithValue(EventTypes.RequestDecided);
        return await command.ExecuteScalarAsync(cancellationToken) is EventTypes.RequestDecided;
    }

    private async Task<bool> AnyAsync<T>(StoredHead head, string condition, T value, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new($"SELECT EXISTS (SELECT FROM audit.mt_events WHERE stream_id = $1 AND {condition})", connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue(head.Stream);
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
