using Npgsql;
using PolicyRouter.Audit.Appending;

namespace PolicyRouter.Audit.Storage;

/// <summary>The writer's own connection: one transaction at a time, each a batch of events with all that belongs to it.</summary>
internal sealed class WriterConnection : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly MartenEvents _events;
    private readonly ClockCheck _clock;
    private volatile bool _committing;
    private volatile bool _commitDoubted;

    private WriterConnection(NpgsqlConnection connection, MartenEvents events, ClockCheck clock)
    {
        _connection = connection;
        _events = events;
        _clock = clock;
        connection.Notice += OnNotice;
    }

    public NpgsqlConnection Connection => _connection;

    /// <exception cref="AuditUnavailableException">The database's settings would lose data, or its clock and ours contradict one another.</exception>
    public static async Task<WriterConnection> OpenAsync(string connectionString, MartenEvents events, ClockCheck clock, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = new(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            WriterConnection opened = new(connection, events, clock);
            await opened.ProbeAsync(cancellationToken);
            return opened;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>One small question: it is there, it still is what it was at the start, and its clock is right.</summary>
    /// <exception cref="AuditUnavailableException">Its settings would lose data now, or the clocks contradict one another.</exception>
    public Task ProbeAsync(CancellationToken cancellationToken) => DurabilityCheck.RequireAsync(_connection, _clock, cancellationToken);

    /// <summary>Commits the events at the end of the stream. When this returns they are durable.</summary>
    /// <param name="step">The step of the head that these events are.</param>
    /// <returns>The deployments that were suspended then.</returns>
    /// <exception cref="AuditUnavailableException">Nothing was committed: the clocks contradict one another, or commits are no longer durable.</exception>
    /// <exception cref="FencedException">The head is not where the writer thinks.</exception>
    /// <exception cref="PostgresException">The database refused them and rolled back.</exception>
    /// <exception cref="NpgsqlException">It is not known whether they were committed.</exception>
    public async Task<IReadOnlySet<string>> CommitAsync(HeadAdvance step, IReadOnlyList<PreparedEvent> events, CancellationToken cancellationToken)
    {
        await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
        await using NpgsqlBatch batch = new(_connection, transaction);
        RequestIndex index = new();
        foreach (var prepared in events)
        {
            index.Add(prepared.Entry);
        }

        var head = step.From;
        var advance = step.Commands();
        foreach (var command in advance)
        {
            batch.BatchCommands.Add(command);
        }

        index.AddCommands(batch, head.Shard);
        foreach (var prepared in events)
        {
            Suspensions.AddCommand(batch, prepared.Entry);
            HandOffs.AddCommand(batch, prepared.Entry, head.Shard);
            LegalHolds.AddCommand(batch, prepared.Entry);
            KeysInUse.AddCommand(batch, prepared.Entry);
            FoundRollbacks.AddCommand(batch, prepared.Entry);
            RetiredEpochs.AddCommands(batch, prepared.Entry);
        }

        var rows = EventRows.Commands(head.Stream, head.Size, events, _events.Names);
        foreach (var command in rows)
        {
            batch.BatchCommands.Add(command);
        }

        // The only command with a row, so the reader stands at it.
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT {Suspensions.AsArray}, clock_timestamp(), current_setting('synchronous_commit')"));
        var asked = _clock.Now;
        IReadOnlySet<string> suspended;
        DateTimeOffset database;
        string synchronousCommit;
        await using (var row = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            suspended = new HashSet<string>(row.GetFieldValue<string[]>(0), StringComparer.Ordinal);
            database = new DateTimeOffset(row.GetDateTime(1));
            synchronousCommit = row.GetString(2);
        }

        if (advance[0].RecordsAffected != 1 || rows[0].RecordsAffected != 1)
        {
            await transaction.RollbackAsync(cancellationToken);
            throw new FencedException($"The head of shard {head.Shard} is no longer at epoch {head.Epoch}, size {head.Size}.");
        }

        if (!DurabilityCheck.IsDurable(synchronousCommit))
        {
            await transaction.RollbackAsync(cancellationToken);
            throw new AuditUnavailableException($"synchronous_commit has become {synchronousCommit}: commits are not durable any more.");
        }

        try
        {
            _clock.Require(asked, database);
        }
        catch (AuditUnavailableException)
        {
            await transaction.RollbackAsync(cancellationToken);
            throw;
        }

        _commitDoubted = false;
        _committing = true;
        await transaction.CommitAsync(CancellationToken.None);
        _committing = false;
        return _commitDoubted
            ? throw new NpgsqlException("The database committed with a warning: a standby may not have the batch.")
            : suspended;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // "canceling wait for synchronous replication": the commit is then answered as a success that no standby has confirmed. Any
    // warning during a commit is read that way, since the text may be translated.
    private void OnNotice(object sender, NpgsqlNoticeEventArgs received)
    {
        if (_committing && received.Notice.InvariantSeverity is "WARNING")
        {
            _commitDoubted = true;
        }
    }
}
