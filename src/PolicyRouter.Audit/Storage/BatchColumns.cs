using Npgsql;
using NpgsqlTypes;

namespace PolicyRouter.Audit.Storage;

/// <summary>Rows as one array per column, for statements that take them apart with <c>unnest</c>.</summary>
internal static class BatchColumns
{
    /// <param name="type">Of one value; the parameter is an array of them.</param>
    public static void AddColumn<TRow, TValue>(this NpgsqlBatchCommand command, NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        command.Parameters.Add(new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
