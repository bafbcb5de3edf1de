using System.Net.Http.Headers;
using PolicyRouter.Simulator;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>
/// What people build first: a list of deployments for each kind of request, asked one after another until one answers. Any error and the deadlines of the replay move on;
/// after the first word nothing does. It remembers nothing of one request for the next.
/// </summary>
internal sealed class FallbackChain : IOutageContender
{
    // As many as the gateway's.
    private const int Attempts = 5;

    private readonly SimulatedFleet _fleet;
    private readonly TimeProvider _clock;
    private readonly Dictionary<RequestKind, IReadOnlyList<string>> _lists;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private FallbackChain(SimulatedFleet fleet, TimeProvider clock, Func<RequestKind, IReadOnlyList<string>> list)
    {
        _fleet = fleet;
        _clock = clock;
        _lists = RequestKind.All.ToDictionary(static kind => kind, list);
    }

    /// <summary>The first permitted deployment, and no other.</summary>
    public static FallbackChain NoFailover(OutagePack pack, SimulatedFleet fleet, TimeProvider clock) => new(fleet, clock, kind => [pack.Permitted(kind)[0]]);

    /// <summary>The first permitted deployment, then one list of fallbacks for everybody: whoever is well known, then whoever is fast.</summary>
    public static FallbackChain Naive(OutagePack pack, SimulatedFleet fleet, TimeProvider clock) => new(
        fleet, clock, kind => [.. ((string[])[pack.Permitted(kind)[0], "openai-us", "azure-gpt-us", "claude-us", "groq-us", "mistral-eu"]).Distinct(StringComparer.Ordinal)]);

    /// <summary>The permitted deployments in the route's order: the same policy, without breakers and failure domains.</summary>
    public static FallbackChain SamePolicy(OutagePack pack, SimulatedFleet fleet, TimeProvider clock) => new(fleet, clock, pack.Permitted);

    public async Task<AnswerEnd> AskAsync(ReplayedRequest request)
    {
        foreach (var deployment in _lists[request.Kind].Take(Attempts))
        {
            if (await AttemptAsync(_fleet[deployment], request) is var end and not AnswerEnd.Unanswered)
            {
                return end;
            }
        }

        return AnswerEnd.Unanswered;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _fleet.DisposeAsync();
    }

    private async Task<AnswerEnd> AttemptAsync(SimulatedProvider provider, ReplayedRequest request)
    {
        using CancellationTokenSource deadline = new(request.IsStreaming ? OutageStage.FirstToken : OutageStage.Total, _clock);
        using HttpRequestMessage message = new(HttpMethod.Post, new Uri(provider.BaseUrl, "/v1/chat/completions"))
        {
            Content = new ByteArrayContent(request.Body(provider.Model)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", provider.Credential);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return response.IsSuccessStatusCode ? await AnswerReader.ReadAsync(response, request) : AnswerEnd.Unanswered;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return AnswerEnd.Unanswered;
        }
    }
}
