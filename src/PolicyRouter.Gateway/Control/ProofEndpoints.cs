using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Control;

/// <summary>Proofs for auditors who need not believe us: that an event is in the log, and what the log was when.</summary>
internal sealed class ProofEndpoints(AuditConnection audit, AuditLog log, AuditProofs proofs, TimeProvider time)
{
    /// <summary><c>GET /api/decisions/{id}/proof</c>: every event of one request with its path to a signed checkpoint.</summary>
    public async Task ProveAsync(HttpContext http, Guid id)
    {
        var reader = Caller.Of(http.User);
        try
        {
            var events = await audit.EventsOf(id, http.RequestAborted);
            var isTheirs = events.Count > 0 && (reader.Tenant.Length == 0 || DecisionEndpoints.TenantOf(events) == reader.Tenant);
            var now = time.GetUtcNow();
            await audit.Append(
                new HistoryRead { Id = Guid.CreateVersion7(now), At = now, Reader = reader.App, Query = $"proof of id={id}", Rows = isTheirs ? events.Count : 0 },
                http.RequestAborted);
            if (!isTheirs)
            {
                await PlaneErrors.WriteAsync(http, PlaneErrors.NotFound());
                return;
            }

            // What was recorded within the last second is covered from now on.
            await log.PublishCheckpointAsync(http.RequestAborted);
            var proved = await proofs.OfRequestAsync(id, http.RequestAborted);
            await ControlJson.WriteAsync(http, writer => WriteProofs(writer, id, proved));
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
    }

    /// <summary><c>GET /api/checkpoints</c>: the newest checkpoint of every log.</summary>
    public async Task CheckpointsAsync(HttpContext http)
    {
        try
        {
            await log.PublishCheckpointAsync(http.RequestAborted);
            var checkpoints = await proofs.CheckpointsAsync(http.RequestAborted);
            await ControlJson.WriteAsync(http, new
            {
                checkpoints = checkpoints.Select(static checkpoint => new
                {
                    shard = checkpoint.Shard, epoch = checkpoint.Epoch, size = checkpoint.Size, root = checkpoint.Root, at = checkpoint.At, note = checkpoint.Note,
                }),
            });
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
    }

    private static void WriteProofs(Utf8JsonWriter writer, Guid id, IReadOnlyList<EventProof> proofs)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteStartArray("events");
        foreach (var proof in proofs)
        {
            writer.WriteStartObject();
            writer.WriteString("id", proof.EventId);
            writer.WriteString("type", proof.Type);
            writer.WriteString("shard", proof.Shard);
            writer.WriteNumber("epoch", proof.Epoch);
            writer.WriteNumber("index", proof.Index);
            writer.WriteBase64String("leafHash", proof.LeafHash.Span);
            writer.WriteStartArray("path");
            foreach (var hash in proof.Path)
            {
                writer.WriteBase64StringValue(hash);
            }

            writer.WriteEndArray();
            writer.WriteString("checkpoint", proof.Checkpoint?.Note);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
