using Npgsql;

namespace PolicyRouter.Testing;

/// <summary>One statement behind the product's back, by a connection of its own that stays in no pool, or by one that the test has.</summary>
public static class Sql
{
    // Seconds.
    private const int Patience = 120;

    /// <returns>How many rows it changed.</returns>
    public static async Task<int> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        return await ExecuteAsync(connection, sql);
    }

    /// <returns>How many rows it changed.</returns>
    public static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = Patience };
        return await command.ExecuteNonQueryAsync();
    }

    /// <returns>The first value of the first row.</returns>
    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = Patience };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
