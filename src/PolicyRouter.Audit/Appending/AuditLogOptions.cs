using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>Where the log lies and how patient it is.</summary>
public sealed record AuditLogOptions
{
    public required string ConnectionString { get; init; }

    /// <summary>Name of this writer's shard. Two processes with the same shard fence one another.</summary>
    public required string Shard { get; init; }

    /// <summary>Events waiting at most; more are refused.</summary>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>Events in one commit at most.</summary>
    public int MaxBatch { get; init; } = 512;

    /// <summary>Creates or changes the tables if need be; false for tools that only add to a log that somebody else keeps.</summary>
    public bool CreatesSchema { get; init; } = true;

    /// <summary>How long an append may take before the caller is refused.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Signs the log's checkpoints; null signs none.</summary>
    public CheckpointSigner? Signer { get; init; }

    /// <summary>Begins the names of the installation's logs in checkpoints: <c>hospital.example/policyrouter</c>. No white space, no <c>+</c>.</summary>
    public string Origin { get; init; } = DefaultOrigin;

    /// <summary>
    /// Keeps the checkpoints outside of the database; a start on a database older than them is refused. Null keeps them in the
    /// database only, where they prove nothing against whoever administers it.
    /// </summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>
    /// How far our clock and the database's may be apart; beyond it nothing is recorded, since <c>audit verify</c> could not tell a leap from a forgery. No
    /// configuration sets it; a test that moves its own clock does, since the database's cannot follow. Default 30 s.
    /// </summary>
    public TimeSpan ClockTolerance { get; init; } = ClockCheck.DefaultTolerance;

    /// <summary>The origin of an installation that has not named itself.</summary>
    public const string DefaultOrigin = "policyrouter";

    /// <summary>True for what <see cref="ConnectionString"/> can be.</summary>
    public static bool IsConnectionString(string text) => AuditConnectionString.IsReadable(text);

    /// <summary>True for what <see cref="Origin"/> can be.</summary>
    public static bool IsOrigin(string text) => LogName.IsOrigin(text);

    /// <summary>Without the connection string, which may hold a password.</summary>
    public override string ToString() => $"log of shard {Shard}";
}
