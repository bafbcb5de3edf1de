using Npgsql;
using NpgsqlTypes;
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
    public async Task<IReadOnlySet<string>> CommitAsync(HeadAdvance step, IReadOnlyList<PreparedEvent> events)
    {
        // Without a transaction of its own a batch is one by itself: it begins with the first command, and is committed when the server has done the last. One way there, one back.
        await using NpgsqlBatch batch = new(_connection);
        batch.BatchCommands.Add(EventRows.Command(step, events, _events.Names));
        AddWhatBelongsToThem(batch, events, step.From.Shard);
        var asked = _clock.Now;
        batch.BatchCommands.Add(Conditions(asked));
        _commitDoubted = false;
        _committing = true;
        try
        {
            var (suspended, database) = await ExecuteAsync(batch);
            _clock.Compare(asked, database);
            return _commitDoubted
                ? throw new NpgsqlException("The database committed with a warning: a standby may not have the batch.")
                : suspended;
        }
        catch (PostgresException refusal) when (refusal.SqlState is Refusals.Moved)
        {
            throw new FencedException($"The head of shard {step.From.Shard} is no longer at epoch {step.From.Epoch}, size {step.From.Size}.");
        }
        catch (PostgresException refusal) when (refusal.SqlState is Refusals.NotDurable)
        {
            throw new AuditUnavailableException("synchronous_commit has changed: commits are not durable any more.", refusal);
        }
        catch (PostgresException refusal) when (refusal.SqlState is Refusals.ClocksApart)
        {
            // Says by how much, if they still are.
            await ProbeAsync(CancellationToken.None);
            throw new AuditUnavailableException("This machine's clock and the database's contradicted one another.", refusal);
        }
        finally
        {
            _committing = false;
        }
    }

    /// <summary>Sends everything, reads every answer, the commit's own last.</summary>
    private static async Task<(IReadOnlySet<string> Suspended, DateTimeOffset Time)> ExecuteAsync(NpgsqlBatch batch)
    {
        await using var answers = await batch.ExecuteReaderAsync(CancellationToken.None);
        await answers.NextResultAsync(CancellationToken.None);
        await answers.ReadAsync(CancellationToken.None);
        HashSet<string> suspended = new(answers.GetFieldValue<string[]>(0), StringComparer.Ordinal);
        DateTimeOffset time = new(answers.GetDateTime(1));
        if (await answers.NextResultAsync(CancellationToken.None))
        {
            throw new NpgsqlException("The database answered something that was not asked.");
        }

        return (suspended, time);
    }

    private static void AddWhatBelongsToThem(NpgsqlBatch batch, IReadOnlyList<PreparedEvent> events, string shard)
    {
        RequestIndex index = new();
        foreach (var prepared in events)
        {
            index.Add(prepared.Entry);
        }

        index.AddCommands(batch, shard);
        foreach (var prepared in events)
        {
            Suspensions.AddCommand(batch, prepared.Entry);
            HandOffs.AddCommand(batch, prepared.Entry, shard);
            LegalHolds.AddCommand(batch, prepared.Entry);
            KeysInUse.AddCommand(batch, prepared.Entry);
            FoundRollbacks.AddCommand(batch, prepared.Entry);
            RetiredEpochs.AddCommands(batch, prepared.Entry);
        }
    }

    /// <summary>What must hold last of all, just before the commit, and what is asked on the way.</summary>
    private NpgsqlBatchCommand Conditions(DateTimeOffset asked)
    {
        NpgsqlBatchCommand command = new(
            $"""
            SELECT {Suspensions.AsArray}, clock_timestamp(),
                   {Refusals.Unless("abs(extract(epoch FROM clock_timestamp() - $1)) <= $2", Refusals.ClocksApart)},
                   {Refusals.Unless($"current_setting('synchronous_commit') = ANY ($3)", Refusals.NotDurable)}
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = asked.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = (decimal)_clock.Tolerance.TotalSeconds });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = DurabilityCheck.DurableCommits });
        return command;
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
