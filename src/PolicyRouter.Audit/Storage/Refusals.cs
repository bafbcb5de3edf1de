namespace PolicyRouter.Audit.Storage;

/// <summary>
/// Conditions of a batch that the server itself must find true before it commits: all of a batch, its commit included, is sent in one go, so nobody of ours can look in between. What does not hold is an
/// error of one of these states (a class that PostgreSQL leaves to applications), and an error undoes the batch.
/// </summary>
internal static class Refusals
{
    /// <summary>The head or the stream is not where the writer thinks.</summary>
    public const string Moved = "PR001";

    /// <summary>Commits of this session are not durable any more.</summary>
    public const string NotDurable = "PR002";

    /// <summary>The clocks contradict one another.</summary>
    public const string ClocksApart = "PR003";

    /// <summary>The function that fails; to be created once, by a role that may.</summary>
    public const string Function =
        """
        DO $$ BEGIN
            IF to_regprocedure('audit.refuse(text)') IS NULL THEN
                CREATE FUNCTION audit.refuse(state text) RETURNS boolean LANGUAGE plpgsql AS $body$
                BEGIN
                    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'The audit log refuses this batch.';
                END $body$;
            END IF;
        END $$;
        """;

    /// <summary>An SQL expression that is true, or fails with the state.</summary>
    public static string Unless(string condition, string state) => $"CASE WHEN {condition} THEN true ELSE audit.refuse('{state}') END";
}
