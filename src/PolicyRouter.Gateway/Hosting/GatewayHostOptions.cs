using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>How a gateway process is put together.</summary>
public sealed record GatewayHostOptions
{
    /// <summary>Trusts a development key and plain http on loopback. False is Production.</summary>
    public bool Development { get; init; }

    /// <summary>Addresses of the data plane; port 0 takes a free one.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>Addresses of the control plane; port 0 takes a free one.</summary>
    public IReadOnlyList<string> ControlUrls { get; init; } = ["http://127.0.0.1:8081"];

    /// <summary>Settings by name (<c>Policies:Path</c>); they win over files and environment.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Reads <c>appsettings.json</c> and <c>POLICYROUTER__*</c>. The demo and tests turn it off.</summary>
    public bool ReadAmbientConfiguration { get; init; } = true;

    /// <summary>SIGTERM drains, SIGHUP reloads. Off for hosts inside another process.</summary>
    public bool HandleSignals { get; init; } = true;

    /// <summary>Writes JSON logs to standard output.</summary>
    public bool LogToConsole { get; init; } = true;

    /// <summary>Adds services, after the host's own.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }

    /// <summary>Adds addresses under <c>/v1</c> of the data plane; they ask for the <c>app</c> role.</summary>
    public Action<RouteGroupBuilder>? MapDataPlane { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How far <see cref="Time"/> may be from the clock of the log's database; null is the log's own default. For those who move <see cref="Time"/> themselves.</summary>
    public TimeSpan? ClockTolerance { get; init; }

    /// <summary>Stands in for the log that the settings name.</summary>
    internal AuditConnection? Audit { get; init; }

    /// <summary>Stands in for reading the policy folder.</summary>
    internal Func<PolicySnapshot?, PolicyLoadResult>? LoadPolicies { get; init; }
}
