using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>Connection settings that durability depends on, set whatever the operator's string says.</summary>
internal static class AuditConnectionString
{
    // The writer's few statements are planned once each, not once for each batch; what they look up, they look up by an index, however small the table was then.
    private const string PlansOnce = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

    /// <summary>For the writer's one connection.</summary>
    public static string ForWriter(string given, string shard, TimeSpan deadline)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(deadline.TotalSeconds));
        NpgsqlConnectionStringBuilder settings = new(ForReader(given));
        return new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Options = $"{PlansOnce} {settings.Options}".TrimEnd(),
            Pooling = false,
            ApplicationName = $"policyrouter audit {shard}",
            Timeout = seconds,
            CommandTimeout = seconds,

            // Without this a commit that times out while it waits for a standby is cancelled and then reported as a success.
            CancellationTimeout = -1,
            MaxAutoPrepare = 32,
            AutoPrepareMinUsages = 2,
        }.ConnectionString;
    }

    /// <summary>For one connection that ends with its use: it leaves none behind in a pool, and what it locked is free again.</summary>
    public static string ForOnce(string given) => new NpgsqlConnectionStringBuilder(ForReader(given)) { Pooling = false }.ConnectionString;

    /// <summary>For reading and for schema changes.</summary>
    public static string ForReader(string given) => new NpgsqlConnectionStringBuilder(given)
    {
        // Marten's append writes the session's local time: in any other zone the rows would be hours off.
        Timezone = "UTC",

        // Error details may quote values of a row.
        IncludeErrorDetail = false,
    }.ConnectionString;
}
