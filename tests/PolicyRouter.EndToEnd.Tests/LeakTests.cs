using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>No text of a prompt or an answer, no key and no token stands in a log line, a trace, a metric, the database or an error.</summary>
public class LeakTests
{
    private const string Marker = "zebrafish";
    private const string Ssn = "123-45-6789";

    [Fact]
    public async Task NothingOfAPrompt_NoKey_AndNoToken_IsLoggedOrStored_WhateverBecomesOfTheRequest()
    {
        using CapturedLog log = new();
        using CapturedTelemetry telemetry = new();
        var folder = TestFolder.Create("leak");
        await using var server = await LocalPostgresServer.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        await using var gateway = await GatewayUnderTest.StartAsync(options => (options.ConfigureServices, options.ConnectionString) = (log.AddTo, server.ConnectionString));
        var claude = gateway.Fleet["claude-anthropic"];
        List<Reply> errors = [];

        // Answered, streamed, redacted, as a dry run.
        Assert.Equal(HttpStatusCode.OK, (await AskAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(stream: true)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(purpose: "payment")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(headers: ("X-Dry-Run", "true"))).Status);

        // Failed over, refused by the provider, broken, exhausted.
        claude.Next(Fault.Unauthorized);
        Assert.Equal(2, (await AskAsync()).Attempts);
        claude.Next(Fault.Malformed());
        Assert.Equal(2, (await AskAsync()).Attempts);
        claude.Next(Fault.Status(400));
        Assert.Equal(2, (await AskAsync()).Attempts);
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Behave(Fault.Status(400));
        }

        errors.Add(await AskAsync());
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Recover();
        }

        claude.Next(Fault.Cut());
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(stream: true));
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Behave(Fault.Forbidden);
        }

        errors.Add(await AskAsync());

        // Refused here: for the policy, a class, a purpose, a session, a route, a body.
        errors.Add(await AskAsync(dataClass: "sud-part2", purpose: "research"));
        errors.Add(await AskAsync(dataClass: $"{Marker} {Ssn}"));
        errors.Add(await AskAsync(subjects: $"{Marker} {Ssn}"));
        errors.Add(await AskAsync(purpose: $"{Marker} {Ssn}"));
        errors.Add(await AskAsync(headers: ("X-Dry-Run", $"{Marker} {Ssn}")));
        errors.Add(await AskAsync(model: $"{Marker} {Ssn}"));
        errors.Add(await gateway.PostAsync(Encoding.UTF8.GetBytes($$"""{"{{Marker}}":"{{Ssn}}","{{Marker}}":1}""")));
        errors.Add(await gateway.PostAsync(Encoding.UTF8.GetBytes($$"""{"model":"clinical-chat","messages":[{"role":"{{Marker}}","content":"{{Ssn}}"}]}""")));
        errors.Add(await gateway.PostAsync(Encoding.UTF8.GetBytes("{\"model\":\"clinical-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"" + Marker + " \\ud800\"}]}")));

        Assert.All(errors, static error => Assert.True((int)error.Status >= 400, error.Body));
        var stored = await DumpAsync(gateway);
        Assert.Contains("no_permitted_provider", stored, StringComparison.Ordinal);
        Assert.Contains("purpose_not_allowed", stored, StringComparison.Ordinal);
        var measured = telemetry.Read();
        Assert.Contains("policyrouter.secret.age", measured, StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", measured, StringComparison.Ordinal);
        Assert.Contains("Microsoft.AspNetCore", measured, StringComparison.Ordinal);
        string[] secrets = [Marker, Ssn, "123456789", gateway.Token("app"), .. gateway.Fleet.Providers.Select(static provider => provider.Credential!)];
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, log.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, stored, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, measured, StringComparison.OrdinalIgnoreCase);
            Assert.All(errors, error => Assert.DoesNotContain(secret, error.Body, StringComparison.OrdinalIgnoreCase));
            Assert.All(errors, error => Assert.All(error.Headers.Values, value => Assert.DoesNotContain(secret, value, StringComparison.OrdinalIgnoreCase)));
        }

        Assert.Contains("no_permitted_provider", log.Text, StringComparison.Ordinal);

        // Nor in the server's own files: its journal, its tables with what was deleted of them, its temporary files.
        await Sql.ExecuteAsync(server.ConnectionString, "CHECKPOINT");
        Assert.NotEmpty(FilesWith(folder, "no_permitted_provider"));
        Assert.Contains(FilesWith(folder, "no_permitted_provider"), static file => file.Contains("pg_wal", StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.Empty(FilesWith(folder, secret)));

        Task<Reply> AskAsync(
            bool stream = false, string model = "clinical-chat", string dataClass = "phi", string subjects = "us", string purpose = "treatment",
            params (string Name, string Value)[] headers) =>
            gateway.AskAsync(
                GatewayUnderTest.Chat(model, $"The {Marker} of the patient with SSN {Ssn}.", stream), dataClass, subjects, purpose, CancellationToken.None, headers);
    }

    /// <summary>The files of a folder, and of those in it, that have this text somewhere.</summary>
    private static List<string> FilesWith(string folder, string text)
    {
        var sought = Encoding.UTF8.GetBytes(text);
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => File.ReadAllBytes(file).AsSpan().IndexOf(sought) >= 0)];
    }

    /// <summary>Every row of every table, binary columns as text.</summary>
    private static async Task<string> DumpAsync(GatewayUnderTest gateway)
    {
        // Outcomes are committed after their answers; the last one brings all before it along.
        var last = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Last."));
        await gateway.OutcomeOfAsync(last.DecisionId);
        await using NpgsqlConnection database = new(gateway.Stack.ConnectionString + ";Pooling=false");
        await database.OpenAsync();
        List<(string Schema, string Table)> tables = [];
        await using (NpgsqlCommand command = new("SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')", database))
        await using (var rows = await command.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                tables.Add((rows.GetString(0), rows.GetString(1)));
            }
        }

        Assert.NotEmpty(tables);
        StringBuilder dump = new();
        foreach (var (schema, table) in tables)
        {
            await using NpgsqlCommand command = new($"SELECT * FROM \"{schema}\".\"{table}\"", database);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                for (var column = 0; column < rows.FieldCount; column++)
                {
                    dump.Append(rows.GetValue(column) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : rows.GetValue(column)).Append('\n');
                }
            }
        }

        return dump.ToString();
    }
}
