using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>
/// Real processes to be killed: a PostgreSQL of its own, gateways, each with a shard, a signing key and a folder for checkpoints, and the providers, which run here and
/// remember all that they received. They take their time, so that answers are under way whenever something dies, and the first of the route fails when it is told to.
/// </summary>
internal sealed class FaultRig : IAsyncDisposable
{
    private const string First = "claude-anthropic";
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(50);

    private readonly string _data;
    private readonly byte[] _hashKey = RandomNumberGenerator.GetBytes(32);
    private LocalPostgresServer _server;
    private LocalPostgresServer? _standby;
    private int _copies = 1;

    private FaultRig(string data, LocalPostgresServer server, LocalPostgresServer? standby, SimulatedFolder folder)
    {
        (_data, _server, _standby, Folder) = (data, server, standby, folder);
        Hasher = new PromptHasher("1", _hashKey);
    }

    public SimulatedFolder Folder { get; }
    public string ConnectionString => _server.ConnectionString;
    public List<GatewayNode> Nodes { get; } = [];

    /// <summary>Hashes bodies as the gateways do, so that a decision is found whose caller never learnt its number.</summary>
    public PromptHasher Hasher { get; }

    /// <param name="withStandby">No commit is answered before a standby has it too, and the gateways know of both servers.</param>
    public static async Task<FaultRig> StartAsync(int nodes, bool withStandby = false)
    {
        var data = TestFolder.Create("fault");
        var server = await LocalPostgresServer.StartAsync(data, NullLogger.Instance, CancellationToken.None);
        LocalPostgresServer? standby = null;
        var database = server.ConnectionString;
        if (withStandby)
        {
            standby = await StandbyServer.FollowAsync(server, data + "-1");
            await StandbyServer.WaitForItAsync(server);
            database = StandbyServer.Both(server, standby);
        }

        var folder = await SimulatedFolder.CreateAsync(
            new SimulatedStackOptions { PoliciesFolder = ShippedPack.Folder, ConnectionString = database, EditPolicies = Patient }, CancellationToken.None);
        foreach (var provider in folder.Fleet.Providers)
        {
            provider.Behave(Fault.SlowFirstToken(AnswerTime));
        }

        FaultRig rig = new(data, server, standby, folder);
        var token = folder.Token(new Caller { App = "fault-test", Roles = ["app"] });
        for (var i = 1; i <= nodes; i++)
        {
            rig.Nodes.Add(new GatewayNode($"node-{i}", folder, database, token, Convert.ToBase64String(rig._hashKey)));
        }

        await Task.WhenAll(rig.Nodes.Select(static node => node.StartAsync()));
        return rig;
    }

    /// <summary>The next request to the first provider of the route fails: a further attempt is authorised.</summary>
    public void FailOne() => Folder.Fleet[First].Next(Fault.Unavailable);

    /// <summary>SIGKILL to the postmaster and all of its children.</summary>
    public async Task KillPostgresAsync()
    {
        using var postmaster = System.Diagnostics.Process.GetProcessById(_server.ProcessId);
        postmaster.Kill(entireProcessTree: true);
        await postmaster.WaitForExitAsync();
    }

    public async Task StartPostgresAsync()
    {
        var dead = _server;
        _server = await LocalPostgresServer.StartAsync(_data, NullLogger.Instance, CancellationToken.None);
        await dead.DisposeAsync();
        Assert.Equal(dead.ConnectionString, _server.ConnectionString);
    }

    /// <summary>The standby becomes the primary.</summary>
    public async Task PromoteAsync()
    {
        await _server.DisposeAsync();
        _server = _standby!;
        _standby = null;
        await StandbyServer.PromoteAsync(_server);
    }

    /// <summary>A new standby where the primary was that died; from here on commits wait for it.</summary>
    public async Task ReplaceStandbyAsync(int port)
    {
        _standby = await StandbyServer.FollowAsync(_server, $"{_data}-{++_copies}", port);
        Assert.Equal(port, new NpgsqlConnectionStringBuilder(_standby.ConnectionString).Port);
        await StandbyServer.WaitForItAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            node.Dispose();
        }

        await Folder.DisposeAsync();
        await _server.DisposeAsync();
        if (_standby is not null)
        {
            await _standby.DisposeAsync();
        }

        foreach (var data in Directory.GetDirectories(Path.GetDirectoryName(_data)!, Path.GetFileName(_data) + "*"))
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>Providers that are slow because the machine is do not count as failed, and the pack's own cases are not run at each of many starts.</summary>
    private static void Patient(string policies)
    {
        Directory.Delete(Path.Combine(policies, "tests"), recursive: true);
        var endpoints = Path.Combine(policies, "endpoints.yaml");
        File.WriteAllText(endpoints, File.ReadAllText(endpoints).Replace(
            "first token: 1s, between tokens: 2s, total: 3s", "first token: 60s, between tokens: 60s, total: 120s", StringComparison.Ordinal));
    }
}
