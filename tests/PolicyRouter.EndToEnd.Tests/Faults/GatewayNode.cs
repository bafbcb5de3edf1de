using System.Globalization;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Cli.Demo;

namespace PolicyRouter.EndToEnd.Tests.Faults;

/// <summary>One gateway through all of its lives: the process changes, the shard, the key and the kept checkpoints stay.</summary>
internal sealed class GatewayNode : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly SimulatedFolder _folder;
    private readonly string _connectionString;
    private readonly string _token;
    private readonly Dictionary<string, string> _settings;
    private readonly List<string> _alarms = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource<ServeProcess> _running = Unset();
    private (long Since, TaskCompletionSource Answered) _awaited = (long.MaxValue, new TaskCompletionSource());

    public GatewayNode(string name, SimulatedFolder folder, string connectionString, string token, string hashKey)
    {
        (_folder, _connectionString, _token) = (folder, connectionString, token);
        Checkpoints = Directory.CreateDirectory(Path.Combine(folder.Path, $"checkpoints-{name}")).FullName;
        var key = Path.Combine(folder.Path, $"signing-key-{name}.pem");
        var signer = CheckpointSigner.Create();
        File.WriteAllText(key, signer.ToPem());
        Key = signer.Key;
        _settings = new Dictionary<string, string>
        {
            ["Audit__Shard"] = name,
            ["Audit__SigningKey"] = $"file:{key}",
            ["Audit__CheckpointFolder"] = Checkpoints,
            ["Audit__PromptHashKey"] = hashKey,
            ["Limits__DrainSeconds"] = 0.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Where its checkpoints are kept.</summary>
    public string Checkpoints { get; }

    /// <summary>What they are verified with.</summary>
    public CheckpointKey Key { get; }

    /// <summary>What its processes logged that somebody should be woken for.</summary>
    public IEnumerable<string> Alarms => _running.Task.IsCompletedSuccessfully ? _alarms.Concat(_running.Task.Result.Alarms) : _alarms;

    /// <summary>Completes when the process that runs now has logged such a thing.</summary>
    public async Task AlarmedAsync() => await (await _running.Task).AlarmedAsync();

    /// <summary>The process; while there is none, callers wait here.</summary>
    public Task<ServeProcess> RunningAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _running.Task.WaitAsync(cancellationToken);
        }
    }

    public async Task StartAsync()
    {
        var process = await ServeProcess.StartAsync(_folder.Policies, _connectionString, _token, _settings);
        lock (_gate)
        {
            _running.SetResult(process);
        }
    }

    public async Task KillAsync()
    {
        var process = await TakeAsync();
        await process.KillAsync();
        End(process);
    }

    /// <summary>SIGTERM: what is queued is recorded, then it ends.</summary>
    public async Task StopAsync()
    {
        var process = await TakeAsync();
        await process.SignalAsync("-TERM");
        Assert.Equal(0, await process.ExitCodeAsync());
        End(process);
    }

    /// <summary>Completes when a request that was sent after now is answered.</summary>
    public Task ServesAgainAsync()
    {
        lock (_gate)
        {
            _awaited = (TimeProvider.System.GetTimestamp(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _awaited.Answered.Task.WaitAsync(Patience);
        }
    }

    /// <summary>A request that was sent then has been answered.</summary>
    public void Answered(long sent)
    {
        lock (_gate)
        {
            if (sent >= _awaited.Since)
            {
                _awaited.Answered.TrySetResult();
            }
        }
    }

    public void Dispose()
    {
        if (_running.Task.IsCompletedSuccessfully)
        {
            _running.Task.Result.Dispose();
        }
    }

    private async Task<ServeProcess> TakeAsync()
    {
        var process = await _running.Task;
        lock (_gate)
        {
            _running = Unset();
        }

        return process;
    }

    private void End(ServeProcess process)
    {
        _alarms.AddRange(process.Alarms);
        process.Dispose();
    }

    private static TaskCompletionSource<ServeProcess> Unset() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
