using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Simulator.Network;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>
/// The whole product with a network that fails on command between the gateway and every provider. Whatever is done to it, the promises hold:
/// <see cref="AssertPromisesAsync"/> reads the log and what the providers received, and compares them.
/// </summary>
internal sealed partial class ChaosStack : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, FaultProxy> _network;
    private readonly ConcurrentDictionary<string, Guid?> _asked = new(StringComparer.Ordinal);
    private int _questions;

    private ChaosStack(GatewayUnderTest gateway, ConcurrentDictionary<string, FaultProxy> network) => (Gateway, _network) = (gateway, network);

    public GatewayUnderTest Gateway { get; }

    /// <summary>The ways to the providers, by deployment.</summary>
    public IReadOnlyDictionary<string, FaultProxy> Network => _network;

    public static async Task<ChaosStack> StartAsync(Action<SimulatedStackOptions>? configure = null)
    {
        ConcurrentDictionary<string, FaultProxy> network = new(StringComparer.Ordinal);
        var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.Address = provider =>
            {
                var proxy = FaultProxy.Start(provider.BaseUrl);
                network[provider.Name] = proxy;
                return new UriBuilder(proxy.BaseUrl) { Path = provider.BaseUrl.AbsolutePath }.Uri;
            };
            configure?.Invoke(options);
        });
        return new ChaosStack(gateway, network);
    }

    /// <summary>A question that can be told from all others wherever it turns up.</summary>
    public string Question(string about = "asthma") => $"Summarise {about} under question-{Interlocked.Increment(ref _questions)}-end.";

    /// <summary>Asks and remembers under which decision.</summary>
    public async Task<Reply> AskAsync(
        string question, bool stream = false, string model = "clinical-chat", string dataClass = "phi", string subjects = "us", string purpose = "treatment")
    {
        var marker = MarkerOf(question);
        _asked[marker] = null;
        var reply = await Gateway.AskAsync(GatewayUnderTest.Chat(model, question, stream), dataClass, subjects, purpose);
        _asked[marker] = reply.DecisionId;
        return reply;
    }

    /// <summary>Opens a stream and remembers under which decision.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string question, CancellationToken cancellationToken)
    {
        var marker = MarkerOf(question);
        _asked[marker] = null;
        var response = await Gateway.OpenAsync(GatewayUnderTest.Chat("clinical-chat", question, stream: true), cancellationToken);
        _asked[marker] = Guid.Parse(response.Headers.GetValues("X-Decision-Id").Single());
        return response;
    }

    /// <summary>
    /// No prompt is anywhere without a record that lets it be there, each question has at most one decision and each answer exactly one, and no decision is without an end.
    /// </summary>
    /// <param name="connectionString">Of the log, if it is not the stack's own way to it.</param>
    public async Task AssertPromisesAsync(string? connectionString = null)
    {
        await using var history = AuditHistory.Open(connectionString ?? Gateway.Stack.ConnectionString);
        var decisions = await EndedAsync(history);
        Assert.Equal(decisions.Count, decisions.Select(static decision => decision.Id).Distinct().Count());
        var answered = _asked.Values.OfType<Guid>().ToList();
        Assert.Equal(answered.Count, answered.Distinct().Count());

        Dictionary<Guid, List<string>> authorized = [];
        foreach (var sent in Gateway.Fleet.Received)
        {
            var marker = MarkerOf(sent.Text);
            var deployments = _asked[marker] is { } id
                ? authorized.TryGetValue(id, out var known) ? known : authorized[id] = await AuthorizedAsync(history, id)
                : null;

            // A caller who left before the headers came never learnt the number of the decision; the log has it all the same.
            Assert.True(
                deployments?.Remove(sent.Provider) ?? decisions.Any(decision => decision.AuthorizedDeployments.Contains(sent.Provider)),
                $"{sent.Provider} received {marker} without a record for it.");
        }
    }

    /// <summary>How each decision of the log has ended.</summary>
    public async Task<IReadOnlyList<string>> EndsAsync()
    {
        await using var history = AuditHistory.Open(Gateway.Stack.ConnectionString);
        return [.. (await EndedAsync(history)).Select(static decision => decision.End ?? decision.Outcome)];
    }

    /// <summary>The decisions in the order in which they stand in the log.</summary>
    public async Task<IReadOnlyList<Guid>> OrderInLogAsync()
    {
        await using NpgsqlConnection database = new(Gateway.Stack.ConnectionString + ";Pooling=false");
        await database.OpenAsync();
        await using NpgsqlCommand command = new("SELECT id FROM audit.mt_events WHERE type = 'request_decided' ORDER BY stream_id, version", database);
        await using var rows = await command.ExecuteReaderAsync();
        List<Guid> ids = [];
        while (await rows.ReadAsync())
        {
            ids.Add(rows.GetGuid(0));
        }

        return ids;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var proxy in _network.Values)
        {
            await proxy.DisposeAsync();
        }
    }

    private static async Task<List<string>> AuthorizedAsync(AuditHistory history, Guid request)
    {
        List<string> authorized = [];
        foreach (var recorded in await history.EventsOfAsync(request, CancellationToken.None))
        {
            using var json = JsonDocument.Parse(recorded.CanonicalJson);
            if (recorded.Type is EventTypes.RequestDecided or EventTypes.AttemptAuthorized && json.RootElement.TryGetProperty("authorizedDeployment", out var deployment))
            {
                authorized.Add(deployment.GetString()!);
            }
        }

        return authorized;
    }

    /// <summary>All decisions, once each has its end: ends are committed after the answers.</summary>
    private static async Task<List<DecisionSummary>> EndedAsync(AuditHistory history)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            List<DecisionSummary> decisions = [];
            string? cursor = null;
            do
            {
                var page = await history.QueryAsync(new HistoryQuery { Limit = 500, Cursor = cursor }, patience.Token);
                decisions.AddRange(page.Decisions);
                cursor = page.NextCursor;
            }
            while (cursor is not null);

            if (decisions.TrueForAll(static decision => decision.Outcome != "permit" || decision.End is not null))
            {
                return decisions;
            }
        }
    }

    /// <summary>Whose questions a text speaks of.</summary>
    public static IEnumerable<string> MarkersIn(string text) => Marker().Matches(text).Select(static found => found.Value);

    private static string MarkerOf(string text) => Marker().Match(text) is { Success: true } found ? found.Value : throw new InvalidOperationException("A text without a marker.");

    [GeneratedRegex("question-[0-9]+-end", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}
