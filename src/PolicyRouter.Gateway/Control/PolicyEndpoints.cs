using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using Deployment = PolicyRouter.Policies.Facts.Deployment;
using Endpoint = PolicyRouter.Policies.Facts.Endpoint;

namespace PolicyRouter.Gateway.Control;

/// <summary>What is in force on this node: for legal, auditors and operators.</summary>
internal sealed class PolicyEndpoints(PolicySource policies, NodeName node, AuditConnection audit, DeploymentHealthReport health, TimeProvider time)
{
    /// <summary><c>GET /api/policy</c>: what is in force on this node now; with <c>?at=TIME</c> what was, on every node, by the log.</summary>
    public Task PolicyAsync(HttpContext http)
    {
        return http.Request.Query.TryGetValue("at", out var at) ? PolicyAtAsync(http, at.ToString())
            : policies.Active is { } snapshot ? ControlJson.WriteAsync(http, PolicyOf(snapshot))
            : PlaneErrors.WriteAsync(http, GatewayError.PolicyUnavailable());
    }

    private async Task PolicyAtAsync(HttpContext http, string text)
    {
        if (HistoryQueryReader.Instant(text) is not { } at)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.InvalidRequest("`at` is an instant like 2026-04-28T00:00:00Z.", "at"));
            return;
        }

        try
        {
            var inForce = await audit.PoliciesAt(at, http.RequestAborted);
            await audit.Append(HistoryReads.Of(Caller.Of(http.User).App, $"policy at={at:O}", inForce.Count, time), http.RequestAborted);
            await ControlJson.WriteAsync(http, new { at, inForce });
        }
        catch (AuditUnavailableException)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.AuditUnavailable());
        }
    }

    /// <summary><c>GET /api/deployments</c>.</summary>
    public async Task DeploymentsAsync(HttpContext http)
    {
        if (policies.Active is not { } snapshot)
        {
            await PlaneErrors.WriteAsync(http, GatewayError.PolicyUnavailable());
            return;
        }

        var suspended = await SuspendedAsync(http.RequestAborted);
        await ControlJson.WriteAsync(http, new
        {
            policyVersion = snapshot.Version,
            node = node.Value,
            deployments = snapshot.Deployments.Select(
                deployment => DeploymentOf(deployment, snapshot.Endpoints.GetValueOrDefault(deployment.Id), suspended?.Contains(deployment.Id))),
        });
    }

    /// <summary>As every node sees it; null when the log cannot be read, in which case nothing is sent to anybody.</summary>
    private async Task<IReadOnlySet<string>?> SuspendedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await audit.Suspended(cancellationToken);
        }
        catch (AuditUnavailableException)
        {
            return null;
        }
    }

    private object PolicyOf(PolicySnapshot snapshot) => new
    {
        version = snapshot.Version,
        activatedAt = policies.ActivatedAt,
        node = node.Value,
        deployments = snapshot.Deployments.Select(static deployment => deployment.Id).Order(StringComparer.Ordinal),
        routes = snapshot.Routes.Keys.Order(StringComparer.Ordinal),
        classes = snapshot.Classes.Order(StringComparer.Ordinal),
        zones = snapshot.Zones.Order(StringComparer.Ordinal),
        purposes = snapshot.Purposes.Order(StringComparer.Ordinal),
        refusedSince = policies.Refused,
        ageSeconds = policies.Age?.TotalSeconds,
        isStale = policies.IsStale,
    };

    private object DeploymentOf(Deployment deployment, Endpoint? endpoint, bool? isSuspended) => new
    {
        id = deployment.Id,
        provider = deployment.Provider,
        service = deployment.Service,
        model = deployment.Model,
        status = deployment.Status,
        isSuspended,
        hasEndpoint = endpoint is not null,
        failureDomains = endpoint?.FailsWith ?? [],
        health = health(deployment, endpoint),
    };
}

/// <summary>What this node knows about a deployment's health, as an object to serialise.</summary>
public delegate object DeploymentHealthReport(Deployment deployment, Endpoint? endpoint);
