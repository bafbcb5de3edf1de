using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>Connection settings that durability depends on, set whatever the operator's string says.</summary>
internal static class AuditConnectionString
{
    // The writer's few statements are planned once each, not once for each batch; what they look up, they look up by an index, however small the table was then.
    private const string PlansOnce = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    // A writer that is gone without a word, or stuck in the middle of opening an epoch, must not hold what others wait for until the server's TCP gives up after hours.
    private const string LetsGo = "-c idle_in_transaction_session_timeout=10s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    /// <summary>Begins the name of a writer's connection in <c>pg_stat_activity</c>.</summary>
    public const string WriterName = "policyrouter audit ";

    /// <summary>Begins the name of the connections of a node's projection daemon there.</summary>
    public const string ProjectionsName = "policyrouter projections ";

    /// <summary>True for what can be read as connection settings, whether or not a database answers there.</summary>
    public static bool IsReadable(string given)
    {
        try
        {
            return ForReader(given).Length > 0;
        }
        catch (ArgumentException)
        {
            // Its message quotes what it could not read, which may be a password.
            return false;
        }
    }

    /// <summary>For the writer's one connection.</summary>
    public static string ForWriter(string given, string shard, TimeSpan deadline)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(deadline.TotalSeconds));
        NpgsqlConnectionStringBuilder settings = new(ForReader(given))
        {
            Pooling = false,
            ApplicationName = WriterName + shard,
            Timeout = seconds,
            CommandTimeout = seconds,

            // Without this a commit that times out while it waits for a standby is cancelled and then reported as a success.
            CancellationTimeout = -1,
            MaxAutoPrepare = 32,
            AutoPrepareMinUsages = 2,
        };
        settings.Options = $"{PlansOnce} {LetsGo} {settings.Options}".TrimEnd();
        return settings.ConnectionString;
    }

    /// <summary>
    /// For the daemon that follows the log. The server asks after a silent leader, so that one whose machine is gone does not keep its lock for hours; options of the operator's own
    /// string stand instead.
    /// </summary>
    /// <param name="node">Shown in <c>pg_stat_activity</c>.</param>
    public static string ForProjections(string given, string node)
    {
        NpgsqlConnectionStringBuilder settings = new(ForReader(given)) { ApplicationName = ProjectionsName + node, MaxPoolSize = 8, MinPoolSize = 0 };
        settings.Options ??= "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";
        return settings.ConnectionString;
    }

    /// <summary>For the connection that holds the leader's lock: it is asked every few seconds whether it is still there.</summary>
    public static string ForLeaderLock(string given, string node) =>
        new NpgsqlConnectionStringBuilder(ForProjections(given, node)) { Pooling = false, KeepAlive = 2, CommandTimeout = 5, Timeout = 5 }.ConnectionString;

    /// <summary>For one connection that ends with its use: it leaves none behind in a pool, and what it locked is free again.</summary>
    public static string ForOnce(string given) => new NpgsqlConnectionStringBuilder(ForReader(given)) { Pooling = false }.ConnectionString;

    /// <summary>For reading and for schema changes.</summary>
    public static string ForReader(string given)
    {
        NpgsqlConnectionStringBuilder settings = new(given)
        {
            // Marten's append writes the session's local time: in any other zone the rows would be hours off.
            Timezone = "UTC",

            // Error details may quote values of a row.
            IncludeErrorDetail = false,
        };
        if (NamesSeveralServers(settings))
        {
            // Of a primary and its standbys the one that takes writes, whichever that is now. What was found out about a server is forgotten soon: a standby may be promoted.
            settings.TargetSessionAttributes = "primary";
            settings.HostRecheckSeconds = 1;
        }

        return settings.ConnectionString;
    }

    /// <summary>A pool of connections by a string that one of the methods here made.</summary>
    public static NpgsqlDataSource OpenPool(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString);
        if (!NamesSeveralServers(settings))
        {
            return NpgsqlDataSource.Create(settings);
        }

        // Npgsql wants to be told beside the string here.
        settings.TargetSessionAttributes = null;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary);
    }

    private static bool NamesSeveralServers(NpgsqlConnectionStringBuilder settings) => settings.Host?.Contains(',', StringComparison.Ordinal) == true;
}
