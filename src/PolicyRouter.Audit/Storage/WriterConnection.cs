using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>The writer's own connection: one transaction at a time, each a batch of events with all that belongs to it.</summary>
internal sealed class WriterConnection : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly MartenEvents _events;
    private volatile bool _committing;
    private volatile bool _commitDoubted;

    private WriterConnection(NpgsqlConnection connection, MartenEvents events)
    {
        _connection = connection;
        _events = events;
        connection.Notice += OnNotice;
    }

    public NpgsqlConnection Connection => _connection;

    public static async Task<WriterConnection> OpenAsync(string connectionString, MartenEvents events, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = new(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await DurabilityCheck.RequireAsync(connection, cancellationToken);
            return new WriterConnection(connection, events);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Commits the events at the end of the stream. When this returns they are durable.</summary>
    /// <param name="step">The step of the head that these events are.</param>
    /// <returns>The deployments that were suspended then.</returns>
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

        // The only command with rows, so the reader stands at them.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Suspensions.Question));
        IReadOnlySet<string> suspended;
        await using (var rows = await batch.ExecuteReaderAsync(cancellationToken))
        {
            suspended = await Suspensions.ReadAsync(rows, cancellationToken);
        }

        if (advance[0].RecordsAffected != 1)
        {
            await transaction.RollbackAsync(cancellationToken);
            throw new FencedException($"The head of shard {head.Shard} is no longer at epoch {head.Epoch}, size {head.Size}.");
        }

        await _events.AppendAsync(transaction, head.Stream, head.Size, events, cancellationToken);

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
