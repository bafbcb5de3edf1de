using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Printing;

namespace PolicyRouter.Gateway.Control;

/// <summary>Which policies were in force when, from the log: for legal and auditors. They are recorded as readers before they see anything.</summary>
internal sealed class PolicyVersionEndpoints(PolicySource policies, AuditConnection audit, TimeProvider time)
{
    private const int MostActivations = 1_000;
    private const string HashName = "sha256:";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary><c>GET /api/policy/versions</c>: of the newest 1,000 activations, the one that came into force last first.</summary>
    public async Task ListAsync(HttpContext http)
    {
        if (await ReadAsync(http, "policy versions") is not { } versions)
        {
            return;
        }

        await ControlJson.WriteAsync(http, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("versions");
            foreach (var version in versions)
            {
                writer.WriteStartObject();
                Write(writer, version);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary><c>GET /api/policy/versions/{hash}</c>: every activation of one version and, while it is in force on this node, its rules in English.</summary>
    public async Task ShowAsync(HttpContext http, string hash)
    {
        var asked = hash.StartsWith(HashName, StringComparison.Ordinal) ? hash : HashName + hash;
        if (!IsVersion(asked))
        {
            await PlaneErrors.WriteAsync(http, PlaneErrors.NotFound());
            return;
        }

        if (await ReadAsync(http, $"policy version {asked}") is not { } versions)
        {
            return;
        }

        if (versions.FirstOrDefault(version => version.Version == asked) is not { } known)
        {
            await PlaneErrors.WriteAsync(http, PlaneErrors.NotFound());
            return;
        }

        var tenant = Caller.Of(http.User).Tenant;
        await ControlJson.WriteAsync(http, writer =>
        {
            writer.WriteStartObject();
            Write(writer, known);
            WriteActivations(writer, known.Activations);
            if (policies.Active is { } active && active.Version == known.Version)
            {
                WriteRules(writer, active, tenant);
            }

            writer.WriteEndObject();
        });
    }

    private static bool IsVersion(string text) => text.Length == HashName.Length + 64 && text.AsSpan(HashName.Length).IndexOfAnyExcept(Digits) < 0;

    /// <returns>Null after an error has been answered.</returns>
    private async Task<IReadOnlyList<PolicyVersion>?> ReadAsync(HttpContext http, string asked)
    {
        try
        {
            var activations = await audit.Notices([EventTypes.PolicyActivated], MostActivations, http.RequestAborted);
            await audit.Append(HistoryReads.Of(Caller.Of(http.User).App, asked, activations.Count, time), http.RequestAborted);
            return PolicyVersion.Of(activations.OfType<PolicyActivated>());
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
            return null;
        }
    }

    private void Write(Utf8JsonWriter writer, PolicyVersion version)
    {
        writer.WriteString("version", version.Version);
        writer.WriteBoolean("isInForce", policies.Active?.Version == version.Version);
        writer.WriteString("from", version.From);
        if (version.To is { } to)
        {
            writer.WriteString("to", to);
        }

        writer.WriteStartArray("signedBy");
        foreach (var key in version.SignedBy)
        {
            writer.WriteStringValue(key);
        }

        writer.WriteEndArray();
    }

    private static void WriteActivations(Utf8JsonWriter writer, IReadOnlyList<PolicyActivated> activations)
    {
        writer.WriteStartArray("activations");
        foreach (var activated in activations)
        {
            writer.WriteStartObject();
            writer.WriteString("at", activated.At);
            writer.WriteString("node", activated.Node);
            writer.WriteString("previousVersion", activated.PreviousVersion);
            writer.WriteString("signedBy", activated.SignedBy);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The bounds that other tenants set themselves are left out for a reader of one tenant.</summary>
    private static void WriteRules(Utf8JsonWriter writer, PolicySnapshot policy, string tenant)
    {
        writer.WriteStartArray("rules");
        foreach (var section in PolicyDocument.SectionsOf(policy).Where(section => section.Tenant is null || tenant.Length == 0 || section.Tenant == tenant))
        {
            foreach (var rule in section.Rules)
            {
                writer.WriteStartObject();
                writer.WriteString("id", rule.Id);
                writer.WriteString("tenant", section.Tenant);
                writer.WriteString("heading", rule.Heading);
                writer.WriteString("sentence", rule.Sentence);
                writer.WriteStartArray("facts");
                foreach (var fact in rule.Facts)
                {
                    writer.WriteStringValue(fact);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }
}
