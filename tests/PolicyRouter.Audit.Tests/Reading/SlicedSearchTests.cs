using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Searching;
using PolicyRouter.Testing;

namespace PolicyRouter.Audit.Tests.Reading;

public sealed class SlicedSearchTests : IAsyncLifetime
{
    private const int Decisions = 60;

    private static readonly TimeSpan Plenty = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset End = Sample.Noon.AddDays(Decisions);

    private string _database = "";
    private AuditHistory _history = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        await using var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = _database, Shard = "sliced", Deadline = TimeSpan.FromSeconds(20) }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        for (var day = 0; day < Decisions; day++)
        {
            await log.AppendAsync(Sample.Deny(Sample.Noon.AddDays(day)) with { App = day % 10 == 0 ? "rare" : "common" }, CancellationToken.None);
        }

        _history = AuditHistory.Open(_database);
    }

    public async Task DisposeAsync() => await _history.DisposeAsync();

    [Theory]
    [InlineData("", 50)]
    [InlineData("app:rare", 4)]
    [InlineData("app:rare", 50)]
    [InlineData("app:nobody", 50)]
    public async Task SliceBySlice_FindsWhatOneQuestionFinds(string text, int limit)
    {
        HistoryQuery query = new() { Search = Search.Parse(text), Limit = limit };
        await using var database = NpgsqlDataSource.Create(_database);

        var (found, searchedTo) = await SlicedSearch.RunAsync(database, query, Sample.Noon, End, Plenty, CancellationToken.None);
        var whole = await _history.QueryAsync(query, CancellationToken.None);

        Assert.Null(searchedTo);
        Assert.Equal(whole.Decisions.Select(static decision => decision.Id), found.Take(limit).Select(static decision => decision.Id));
        Assert.Equal(whole.NextCursor is not null, found.Count > limit);
    }

    [Fact]
    public async Task FurtherPage_GoesOnBehindItsCursor()
    {
        HistoryQuery query = new() { Search = Search.Parse("app:rare"), Limit = 2 };
        var first = await _history.QueryAsync(query, CancellationToken.None);
        await using var database = NpgsqlDataSource.Create(_database);

        var (found, _) = await SlicedSearch.RunAsync(database, query with { Cursor = first.NextCursor }, Sample.Noon, End, Plenty, CancellationToken.None);

        Assert.Empty(found.Select(static decision => decision.Id).Intersect(first.Decisions.Select(static decision => decision.Id)));
        Assert.True(found[0].At < first.Decisions[^1].At);
    }

    [Fact]
    public async Task WithoutTime_NothingIsLookedAt_AndThatIsSaid()
    {
        await using var database = NpgsqlDataSource.Create(_database);

        var (found, searchedTo) = await SlicedSearch.RunAsync(database, new HistoryQuery(), Sample.Noon, End, TimeSpan.FromTicks(-1), CancellationToken.None);

        Assert.Empty(found);
        Assert.Equal(End, searchedTo);
    }

    [Fact]
    public void Versions_AreInForceUntilAnotherOneIs()
    {
        var versions = PolicyVersion.Of([Activated("b", 2), Activated("a", 1), Activated("a", 4), Activated("b", 3)]);

        Assert.Equal(["a", "b"], versions.Select(static version => version.Version));
        Assert.Equal((At(1), null), (versions[0].From, versions[0].To));
        Assert.Equal((At(2), At(4)), (versions[1].From, versions[1].To));

        static DateTimeOffset At(int day) => Sample.Noon.AddDays(day);
        static PolicyActivated Activated(string version, int day) =>
            new() { Id = Guid.CreateVersion7(At(day)), At = At(day), PolicyVersion = version, PreviousVersion = null, Node = "node-1" };
    }
}
