using Npgsql;

namespace PolicyRouter.Audit.Storage;

/// <summary>The log's own tables, beside Marten's event tables in the schema <c>audit</c>.</summary>
internal static class AuditSchema
{
    public const string Name = "audit";

    // One migration at a time, whoever starts first: the number is this product's own.
    private const long MigrationLock = 4_718_390_114;

    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS audit.tlog_head (
            shard      text        NOT NULL,
            epoch      bigint      NOT NULL,
            stream_id  uuid        NOT NULL UNIQUE,
            size       bigint      NOT NULL DEFAULT 0,
            root       bytea       NOT NULL,
            stack      bytea       NOT NULL,
            opened_at  timestamptz NOT NULL,
            closed_at  timestamptz NULL,
            retired_at timestamptz NULL,
            number     bigint      NOT NULL UNIQUE,
            term       bigint      NOT NULL DEFAULT 0,
            PRIMARY KEY (shard, epoch)
        );
        CREATE TABLE IF NOT EXISTS audit.tlog_batch (
            shard       text   NOT NULL,
            epoch       bigint NOT NULL,
            first       bigint NOT NULL,
            n           int    NOT NULL,
            leaf_hashes bytea  NOT NULL,
            PRIMARY KEY (shard, epoch, first),
            CHECK (n > 0 AND octet_length(leaf_hashes) = n * 32)
        );
        CREATE TABLE IF NOT EXISTS audit.tlog_checkpoint (
            shard       text   NOT NULL,
            epoch       bigint NOT NULL,
            size        bigint NOT NULL,
            note        text   NOT NULL,
            at          timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (shard, epoch)
        );
        CREATE TABLE IF NOT EXISTS audit.audit_request (
            id           uuid        PRIMARY KEY,
            at           timestamptz NOT NULL,
            shard        text        NOT NULL,
            app          text        NOT NULL,
            tenant       text        NOT NULL,
            route        text        NOT NULL,
            outcome      text        NOT NULL,
            refusal      text        NULL,
            classes      text[]      NOT NULL,
            rules        text[]      NOT NULL,
            deployments  text[]      NOT NULL,
            policy       text        NOT NULL,
            attempts     int         NOT NULL,
            redactions   int         NOT NULL,
            end_outcome  text        NULL,
            answered_by  text        NULL,
            event_ids    uuid[]      NOT NULL
        );
        -- Permitted and not ended yet: few rows, so that an end need not touch an index of all requests.
        CREATE TABLE IF NOT EXISTS audit.open_request (
            id         uuid        PRIMARY KEY,
            shard      text        NOT NULL
        );
        CREATE TABLE IF NOT EXISTS audit.suspension (
            deployment text        PRIMARY KEY,
            at         timestamptz NOT NULL
        );
        CREATE TABLE IF NOT EXISTS audit.hand_off (
            id         uuid        PRIMARY KEY,
            request    uuid        NOT NULL,
            shard      text        NOT NULL,
            is_ended   boolean     NOT NULL DEFAULT false
        );
        CREATE TABLE IF NOT EXISTS audit.legal_hold (
            name       text        PRIMARY KEY,
            at         timestamptz NOT NULL,
            begins     timestamptz NULL,
            ends       timestamptz NULL,
            apps       text[]      NOT NULL,
            reason     text        NOT NULL,
            by         text        NOT NULL,
            event      uuid        NOT NULL
        );
        CREATE TABLE IF NOT EXISTS audit.key_in_use (
            purpose    text        PRIMARY KEY,
            key_id     text        NOT NULL
        );
        CREATE TABLE IF NOT EXISTS audit.found_rollback (
            shard      text        NOT NULL,
            epoch      bigint      NOT NULL,
            size       bigint      NOT NULL,
            PRIMARY KEY (shard, epoch, size)
        );
        CREATE TABLE IF NOT EXISTS audit.approval_use (
            approval   text        PRIMARY KEY,
            request    uuid        NOT NULL,
            at         timestamptz NOT NULL
        );
        -- Sums over the events, kept by the projection daemon. numeric: what a provider reports may be any number, and a sum must not overflow.
        CREATE TABLE IF NOT EXISTS audit.daily_usage (
            day                     date    NOT NULL,
            tenant                  text    NOT NULL,
            app                     text    NOT NULL,
            route                   text    NOT NULL,
            deployment              text    NOT NULL,
            currency                text    NOT NULL,
            outcome                 text    NOT NULL,
            shard                   text    NOT NULL,
            epoch                   bigint  NOT NULL,
            decided_epoch           bigint  NOT NULL,
            requests                bigint  NOT NULL,
            input_tokens            numeric NOT NULL,
            output_tokens           numeric NOT NULL,
            estimated_input_tokens  numeric NOT NULL,
            estimated_output_tokens numeric NOT NULL,
            cost_micros             numeric NOT NULL,
            unpriced                bigint  NOT NULL,
            PRIMARY KEY (day, tenant, app, route, deployment, currency, outcome, shard, epoch, decided_epoch)
        );
        CREATE TABLE IF NOT EXISTS audit.projection_reach (
            projection text   PRIMARY KEY,
            last_seq   bigint NOT NULL
        );
        CREATE TABLE IF NOT EXISTS audit.disclosure (
            day           date        NOT NULL,
            tenant        text        NOT NULL,
            app           text        NOT NULL,
            deployment    text        NOT NULL,
            class         text        NOT NULL,
            shard         text        NOT NULL,
            epoch         bigint      NOT NULL,
            decided_epoch bigint      NOT NULL,
            sends         bigint      NOT NULL,
            first_at      timestamptz NOT NULL,
            last_at       timestamptz NOT NULL,
            PRIMARY KEY (day, tenant, app, deployment, class, shard, epoch, decided_epoch)
        );
        CREATE TABLE IF NOT EXISTS audit.audit_notice (
            id         uuid        PRIMARY KEY,
            at         timestamptz NOT NULL,
            type       text        NOT NULL
        );
        -- Changing a table waits for its readers and makes its writers wait: only when something is to be changed.
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = 'audit_request' AND column_name = 'model') THEN
                ALTER TABLE audit.audit_request
                    ADD COLUMN duration_ms   bigint NULL,
                    ADD COLUMN http_status   int    NULL,
                    ADD COLUMN input_tokens  bigint NULL,
                    ADD COLUMN output_tokens bigint NULL,
                    ADD COLUMN model         text   NULL,
                    -- So that the planner knows which words are rare and asks the index for them.
                    ALTER COLUMN rules       SET STATISTICS 1000,
                    ALTER COLUMN deployments SET STATISTICS 1000,
                    ALTER COLUMN classes     SET STATISTICS 1000;
                DROP INDEX IF EXISTS audit.audit_request_at;
            END IF;
            IF NOT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = 'audit_request' AND column_name = 'unusual_end') THEN
                -- An end changes a row. PostgreSQL leaves the indexes alone when nothing indexed changes and the page has room.
                ALTER TABLE audit.audit_request
                    ADD COLUMN unusual_end text NULL,
                    SET (fillfactor = 60);
                UPDATE audit.audit_request SET unusual_end = end_outcome WHERE end_outcome <> 'completed';
                DROP INDEX IF EXISTS audit.audit_request_ended, audit.audit_request_open;
                INSERT INTO audit.open_request (id, shard) SELECT id, shard FROM audit.audit_request WHERE outcome = 'permit' AND end_outcome IS NULL;
            END IF;
        END $$;
        CREATE INDEX IF NOT EXISTS audit_notice_at ON audit.audit_notice (at DESC, id DESC);
        CREATE INDEX IF NOT EXISTS audit_notice_policy ON audit.audit_notice (at DESC, id DESC) WHERE type = 'policy_activated';
        CREATE INDEX IF NOT EXISTS audit_request_page ON audit.audit_request (at DESC, id DESC) INCLUDE (outcome);
        CREATE INDEX IF NOT EXISTS audit_request_app ON audit.audit_request (app text_pattern_ops, at DESC, id DESC);
        CREATE INDEX IF NOT EXISTS audit_request_denied ON audit.audit_request (at DESC, id DESC) WHERE outcome = 'deny';
        CREATE INDEX IF NOT EXISTS audit_request_unusual ON audit.audit_request (unusual_end, at DESC, id DESC) WHERE unusual_end IS NOT NULL;
        CREATE INDEX IF NOT EXISTS audit_request_words ON audit.audit_request USING gin (rules, deployments, classes);
        CREATE INDEX IF NOT EXISTS audit_request_tenant_at ON audit.audit_request (tenant, at DESC, id DESC);
        CREATE INDEX IF NOT EXISTS hand_off_open ON audit.hand_off (shard) WHERE NOT is_ended;
        DO $$
        BEGIN
            -- Logs from before epochs were numbered. Asked first, since ALTER TABLE waits for every reader.
            IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'audit.tlog_head'::regclass AND attname = 'number' AND NOT attisdropped) THEN
                ALTER TABLE audit.tlog_head ADD COLUMN retired_at timestamptz NULL, ADD COLUMN number bigint NULL;
                UPDATE audit.tlog_head h SET number = n.number
                FROM (SELECT shard, epoch, row_number() OVER (ORDER BY opened_at, shard, epoch) AS number FROM audit.tlog_head) n
                WHERE h.shard = n.shard AND h.epoch = n.epoch;
                ALTER TABLE audit.tlog_head ALTER COLUMN number SET NOT NULL, ADD UNIQUE (number);
                ALTER TABLE audit.tlog_checkpoint ADD COLUMN at timestamptz NOT NULL DEFAULT now();
            END IF;
            IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'audit.tlog_head'::regclass AND attname = 'term' AND NOT attisdropped) THEN
                ALTER TABLE audit.tlog_head ADD COLUMN term bigint NOT NULL DEFAULT 0;
            END IF;
        END $$;
        """;

    /// <summary>Creates what is missing. Existing tables and rows stay as they are.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, MartenEvents events, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        try
        {
            await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {Name}", cancellationToken);
            await events.ApplySchemaAsync(cancellationToken);
            await ExecuteAsync(connection, Tables, cancellationToken);
            await ExecuteAsync(connection, Refusals.Function, cancellationToken);
        }
        finally
        {
            if (connection.FullState.HasFlag(System.Data.ConnectionState.Open))
            {
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({MigrationLock})", CancellationToken.None);
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 60 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
