using JasperFx;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Npgsql;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Projecting;

/// <summary>The Marten store that follows the log. It never appends and never changes the schema.</summary>
internal static class ProjectionStore
{
    /// <summary>Both, in the order of <see cref="ProjectionNames.All"/>.</summary>
    public static IReadOnlyList<AuditProjection> Projections() => [new DailyUsageProjection(), new DisclosureProjection()];

    /// <param name="database">Stays the caller's; see <see cref="AuditConnectionString.ForProjections"/>.</param>
    public static DocumentStore Open(NpgsqlDataSource database) => DocumentStore.For(options =>
    {
        options.Connection(database);
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.Logger(new SilentMartenLogger());
        StoredEvents.Register(options, new CanonicalEventSerializer());

        // For whoever reads it; the election is ours. Without it Marten warns on the console, past the log.
        options.Projections.AsyncMode = DaemonMode.HotCold;
        options.Projections.DiscoverGeneratedEvolversOnStartup = false;
        options.Projections.StopAndDrainTimeout = TimeSpan.FromSeconds(2);

        // A sum that silently lacks an event is worse than one that stands still and shows it.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipUnknownEvents = false;
        foreach (var projection in Projections())
        {
            options.Projections.Add(projection, ProjectionLifecycle.Async, projection.Name);
        }
    });
}
