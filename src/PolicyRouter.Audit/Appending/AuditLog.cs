using Microsoft.Extensions.Logging;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Storage;

namespace PolicyRouter.Audit.Appending;

/// <summary>The append side of the log: one writer per process, group commit, nothing lost, nothing reordered.</summary>
public sealed class AuditLog : IAsyncDisposable
{
    // Of a single step of the start; a database that is slow then is waited for, as nobody waits for us yet.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    private readonly AuditQueue _queue;
    private readonly AuditWriter _writer;
    private readonly MartenEvents _events;
    private readonly ApprovalUses _approvals;
    private readonly Task _running;
    private readonly LogSeal _seal;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private int _disposed;

    private AuditLog(
        AuditQueue queue, AuditWriter writer, MartenEvents events, ApprovalUses approvals, AuditLogOptions options, TimeProvider time, ILogger logger)
    {
        _queue = queue;
        _writer = writer;
        _events = events;
        _approvals = approvals;
        _deadline = options.Deadline;
        _time = time;
        _logger = logger;
        _running = Task.Run(writer.RunAsync);
        _seal = LogSeal.Start(options, () => writer.Head, writer.Condemn, time, logger);
    }

    /// <summary>True while the last commit, or the last look at the database a second ago, worked and the queue has room: part of readiness.</summary>
    public bool IsWritable => _writer.IsHealthy && _queue.HasRoom;

    /// <summary>Deployments that were suspended at the last commit of this process, by any node.</summary>
    public IReadOnlySet<string> Suspended => _writer.Suspended;

    /// <summary>
    /// Outcomes that found their half of the queue full (a long outage) or came after the writer ended. They are left to the next
    /// start, which closes their requests as <c>unknown</c>.
    /// </summary>
    public long OutcomesLeftToReconciliation => _queue.OutcomesLeft;

    /// <summary>
    /// Opens the log, creates what is missing in the database, takes the shard (a new epoch), closes as <c>unknown</c> what an
    /// earlier process left without an end, and starts the writer.
    /// </summary>
    /// <exception cref="AuditUnavailableException">
    /// The database is absent, its settings would lose data, its clock and ours contradict one another, or it is older than a checkpoint in the folder says.
    /// </exception>
    public static async Task<AuditLog> OpenAsync(
        AuditLogOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Shard);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.QueueCapacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxBatch);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Deadline, TimeSpan.Zero);
        if (!LogName.IsOrigin(options.Origin))
        {
            throw new ArgumentException("The origin has white space, a plus sign, or nothing at all.", nameof(options));
        }

        var logger = loggers.CreateLogger<AuditLog>();
        var connectionString = AuditConnectionString.ForWriter(options.ConnectionString, options.Shard, options.Deadline);
        MartenEvents events = new(AuditConnectionString.ForReader(options.ConnectionString), options.CreatesSchema);
        ClockCheck clock = new(time, options.ClockTolerance);
        WriterConnection? connection = null;
        try
        {
            var patience = options.Deadline > StartPatience ? options.Deadline : StartPatience;
            connection = await WriterConnection.OpenAsync(
                AuditConnectionString.ForWriter(options.ConnectionString, options.Shard + " (start)", patience), events, clock, cancellationToken);
            if (options.CreatesSchema)
            {
                await AuditSchema.EnsureAsync(connection.Connection, events, cancellationToken);
            }

            await RollbackCheck.RequireAsync(connection.Connection, options.Shard, options.Origin, Kept(options, logger), cancellationToken);
            var head = await ShardHead.TakeAsync(connection.Connection, options.Shard, time.GetUtcNow().UtcDateTime, cancellationToken);
            (head, var closed) = await UnknownCloser.CloseAsync(connection, head, options.MaxBatch, time, cancellationToken);
            head = await UnknownHandOffs.CloseAsync(connection, head, options.MaxBatch, time, cancellationToken);
            logger.LogOpened(head.Shard, head.Epoch, closed);

            AuditQueue queue = new(options.QueueCapacity, options.MaxBatch);
            var suspended = await Suspensions.ReadAsync(connection.Connection, cancellationToken);
            await connection.DisposeAsync();
            connection = await WriterConnection.OpenAsync(connectionString, events, clock, cancellationToken);
            AuditWriter writer = new(queue, events, connectionString, connection, head, suspended, clock, time, logger);
            ApprovalUses approvals = new(AuditConnectionString.ForReader(options.ConnectionString));
            return new AuditLog(queue, writer, events, approvals, options, time, logger);
        }
        catch (Exception exception)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            await events.DisposeAsync();
            if (exception is NpgsqlException or FencedException or TimeoutException)
            {
                throw new AuditUnavailableException("The audit database cannot be opened.", exception);
            }

            throw;
        }
    }

    /// <summary>Creates or changes the tables of a log, for roles that may not do so themselves.</summary>
    /// <exception cref="AuditUnavailableException">The database cannot be reached, or does not let this role do it.</exception>
    public static async Task CreateTablesAsync(string connectionString, CancellationToken cancellationToken)
    {
        var reader = AuditConnectionString.ForReader(connectionString);
        await using MartenEvents events = new(reader, createsSchema: true);
        try
        {
            await using NpgsqlConnection connection = new(AuditConnectionString.ForOnce(connectionString));
            await connection.OpenAsync(cancellationToken);
            await AuditSchema.EnsureAsync(connection, events, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new AuditUnavailableException("The tables of the audit log cannot be made: the database cannot be reached, or does not let this role do it.", exception);
        }
    }

    /// <summary>Once this returns, the event survives a crash. Do not contact a provider before it has.</summary>
    /// <exception cref="AuditUnavailableException">
    /// Not durable, or not known to be. Send nothing. A permit that turns out to be recorded all the same is closed by the log itself, as <c>not-sent</c>; one whose caller
    /// left while it was being recorded, as <c>cancelled</c>.
    /// </exception>
    /// <exception cref="ArgumentException">The event is larger than <see cref="CanonicalJson.MaxBytes"/>; nothing was queued.</exception>
    public async Task<AuditReceipt> AppendAsync(AuditEvent entry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = PendingEvent.Awaited(PreparedEvent.From(entry), _deadline, _time);
        if (_writer.Ended is { } why)
        {
            throw new AuditUnavailableException(why);
        }

        if (!_queue.TryAdd(pending))
        {
            throw new AuditUnavailableException("The audit queue is full.");
        }

        // The writer may have ended between the question above and the queue, and taken its last look before.
        if (_writer.Ended is { } late)
        {
            _queue.RefuseAwaited(late);
        }

        try
        {
            return await pending.Receipt.WaitAsync(_deadline, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It may have become durable in this very moment.
            var standing = pending.GiveUp(callerLeft: false);
            return standing is Standing.Recorded
                ? await pending.Receipt
                : throw new AuditUnavailableException("The event was not recorded before the deadline.") { MayBeRecorded = standing is Standing.MayBeRecorded };
        }
        catch (OperationCanceledException)
        {
            if (pending.GiveUp(callerLeft: true) is Standing.Recorded)
            {
                _writer.CloseUnsent(pending);
            }

            throw;
        }
    }

    /// <summary>
    /// Queues an outcome that need not be waited for. Kept in memory until it is committed, across database outages; what a
    /// crash loses is closed as <c>unknown</c> at the next start.
    /// </summary>
    /// <exception cref="ArgumentException">The event is larger than <see cref="CanonicalJson.MaxBytes"/>; nothing was queued.</exception>
    public void AppendOutcome(RequestCompleted outcome) => AppendLater(outcome, outcome.RequestId);

    /// <summary>Queues what a request brought to light besides its outcome, in the same way.</summary>
    /// <inheritdoc cref="AppendOutcome" path="/exception"/>
    public void AppendFinding(AuditEvent finding, Guid requestId) => AppendLater(finding, requestId);

    private static IReadOnlyList<SignedCheckpoint> Kept(AuditLogOptions options, ILogger logger)
    {
        if (options.CheckpointFolder is { } folder)
        {
            try
            {
                return [.. new CheckpointFolder(folder).NewestOfAll()];
            }
            catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
            {
                throw new AuditUnavailableException($"The kept checkpoints cannot be read: {error.Message}", error);
            }
        }

        if (options.Signer is not null)
        {
            logger.NoCheckpointFolder();
        }

        return [];
    }

    private void AppendLater(AuditEvent entry, Guid requestId)
    {
        var pending = PendingEvent.Outcome(PreparedEvent.From(entry), _time);
        if (_writer.Ended is not null || !_queue.TryAdd(pending))
        {
            _logger.OutcomeLeft(requestId, _queue.LeaveOutcome());
        }
    }

    /// <summary>Uses up approvals for one request: each counts once, whatever node or process asks. Durable when this returns.</summary>
    /// <param name="approvals">Names that no two approvals share.</param>
    /// <returns>False, with none of them used, when one had been used before.</returns>
    /// <exception cref="AuditUnavailableException">It is not known whether they were used. Send nothing.</exception>
    public async Task<bool> TryUseApprovalsAsync(IReadOnlyCollection<string> approvals, Guid request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(_deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _approvals.TryUseAsync(approvals, request, _time.GetUtcNow(), either.Token);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AuditUnavailableException("The approvals could not be marked as used.", exception);
        }
    }

    /// <summary>Publishes a checkpoint of all that is acknowledged, now.</summary>
    /// <returns>True when every place has it; false, too, for a log that signs none.</returns>
    public Task<bool> PublishCheckpointAsync(CancellationToken cancellationToken) => _seal.PublishAsync(cancellationToken);

    /// <summary>Reads back what was committed and not yet read back, now.</summary>
    /// <returns>False when it is not what was recorded: the log takes nothing more.</returns>
    internal Task<bool> ReadBackAsync(CancellationToken cancellationToken) => _seal.ReadBackAsync(cancellationToken);

    /// <summary>Commits what is queued, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _writer.Stop();
            await _running;
            _queue.Dispose();
            await _seal.DisposeAsync();
            await _events.DisposeAsync();
            await _approvals.DisposeAsync();
        }
    }
}
