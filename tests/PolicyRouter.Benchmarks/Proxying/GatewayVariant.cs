namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>The gateway, and the same with one thing taken away, so that it can be told what that thing costs.</summary>
/// <param name="Name">As the table calls it.</param>
/// <param name="LogInMemory">Its PostgreSQL keeps its files in memory: the decision is recorded as ever, and the disk is not waited for.</param>
/// <param name="Redacts">False without the policy's duties to redact: everything is looked for, and nothing replaced.</param>
internal sealed record GatewayVariant(string Name, bool LogInMemory, bool Redacts)
{
    private const string Memory = "/dev/shm";

    public static readonly GatewayVariant Complete = new("PolicyRouter", LogInMemory: false, Redacts: true);

    /// <summary>Those that this machine can run.</summary>
    public static IEnumerable<GatewayVariant> All =>
    [
        Complete, .. Directory.Exists(Memory) ? [Complete with { Name = "PolicyRouter, log in memory", LogInMemory = true }] : Array.Empty<GatewayVariant>(),
        Complete with { Name = "PolicyRouter, nothing redacted", Redacts = false },
    ];

    /// <summary>A folder of its own for what the gateway keeps.</summary>
    public DirectoryInfo CreateFolder()
    {
        if (!LogInMemory)
        {
            return Directory.CreateTempSubdirectory("policyrouter-bench-");
        }

        return Directory.CreateDirectory(Path.Combine(Memory, "policyrouter-bench-" + Guid.NewGuid().ToString("N")));
    }

    /// <summary>Lets the account of the private server into the folder, which a home by itself does not.</summary>
    public void Open(string home)
    {
        if (LogInMemory && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }
}
