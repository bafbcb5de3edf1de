using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Sums;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Tests.Callers;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Tests.Hosting;

/// <summary>A gateway on free ports with a clock of the test's, an issuer of the test's and a log in memory.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly ECDsa _developmentKey;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    private GatewayUnderTest(GatewayHost host, FakeTimeProvider time, ECDsa developmentKey, ConcurrentQueue<AuditEvent> recorded)
    {
        Host = host;
        Time = time;
        _developmentKey = developmentKey;
        Recorded = recorded;
    }

    public GatewayHost Host { get; }
    public FakeTimeProvider Time { get; }
    public ConcurrentQueue<AuditEvent> Recorded { get; }
    public Uri Data => Host.DataPlaneUrls[0];
    public Uri Control => Host.ControlPlaneUrls[0];

    public static async Task<GatewayUnderTest> StartAsync(
        TestIssuer? issuer = null,
        Func<HistoryQuery, HistoryPage>? history = null,
        Func<Guid, IReadOnlyList<RecordedEvent>>? events = null,
        Action<RouteGroupBuilder>? map = null,
        IReadOnlyDictionary<string, string?>? limits = null,
        Func<UsageQuery, SumPage<UsageRow>>? usage = null,
        Func<DisclosureQuery, SumPage<DisclosureRow>>? disclosures = null,
        Func<DateTimeOffset, IReadOnlyList<PolicyInForce>>? policiesAt = null,
        PolicySnapshot? policy = null,
        Func<HistoryQuery, int, IReadOnlyList<RequestDecided>>? latest = null)
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 4, 28, 9, 0, 0, TimeSpan.Zero));
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ConcurrentQueue<AuditEvent> recorded = new();
        Dictionary<string, string?> settings = new()
        {
            ["Audit:ConnectionString"] = "Host=unused",
            ["Authentication:DevelopmentKey"] = key.ExportSubjectPublicKeyInfoPem(),
            ["Limits:MaxBodyBytes"] = "4096",
        };
        foreach (var (name, value) in limits ?? new Dictionary<string, string?>())
        {
            settings[$"Limits:{name}"] = value;
        }

        if (issuer is not null)
        {
            settings["Authentication:Authority"] = issuer.Url;
            settings["Authentication:Audience"] = TestIssuer.Audience;
        }

        var host = await GatewayHost.StartAsync(
            new GatewayHostOptions
            {
                Development = true,
                Urls = ["http://127.0.0.1:0"],
                ControlUrls = ["http://127.0.0.1:0"],
                ReadAmbientConfiguration = false,
                HandleSignals = false,
                LogToConsole = false,
                Settings = settings,
                Time = time,
                MapDataPlane = map,
                LoadPolicies = _ => policy is null ? new PolicyLoadResult.Refused([]) : new PolicyLoadResult.Loaded(policy, []),
                Audit = new AuditConnection(
                    (entry, _) =>
                    {
                        recorded.Enqueue(entry);
                        return Task.CompletedTask;
                    },
                    (query, _) => Task.FromResult(history?.Invoke(query) ?? new HistoryPage([], null)),
                    (id, _) => Task.FromResult(events?.Invoke(id) ?? []),
                    static () => true,
                    static _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>()),
                    (query, _) => Task.FromResult(usage?.Invoke(query) ?? new SumPage<UsageRow>([], null, new ProjectionStanding(ProjectionNames.Usage, 0, time.GetUtcNow()))),
                    (query, _) => Task.FromResult(disclosures?.Invoke(query) ?? new SumPage<DisclosureRow>([], null, new ProjectionStanding(ProjectionNames.Disclosures, 0, time.GetUtcNow()))),
                    (at, _) => Task.FromResult(policiesAt?.Invoke(at) ?? []))
                {
                    LatestDecisions = (query, most, _) => Task.FromResult(latest?.Invoke(query, most) ?? []),
                    // Newest first, as the log gives them.
                    Notices = (types, most, _) => Task.FromResult<IReadOnlyList<AuditEvent>>(
                        [.. recorded.Where(entry => types.Contains(CanonicalJson.TypeName(entry))).Reverse().Take(most)]),
                },
            },
            CancellationToken.None);
        return new GatewayUnderTest(host, time, key, recorded);
    }

    public string Token(params string[] roles) => Token(new Caller { App = "tester", Roles = roles });

    public string Token(Caller caller) => new DevelopmentTokens(_developmentKey, Time).Create(caller, TimeSpan.FromHours(1));

    public Task<HttpResponseMessage> ModelsAsync(string? token) => GetAsync(Data, "/v1/models", token);

    public async Task<HttpResponseMessage> PostAsync(string path, string? token, HttpContent content)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(Data, path)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _http.SendAsync(request);
    }

    public async Task<HttpResponseMessage> PostToControlAsync(string path, string? token, HttpContent content)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(Control, path)) { Content = content };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await _http.SendAsync(request);
    }

    public async Task<HttpResponseMessage> GetAsync(Uri plane, string path, string? token)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(plane, path));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await _http.SendAsync(request);
    }

    /// <summary>Sends bytes as they are and returns the first answer. It may come while the server still waits for a body.</summary>
    public static async Task<string> RawAsync(Uri plane, string request)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(30));
        using TcpClient client = new();
        await client.ConnectAsync(plane.Host, plane.Port, timeout.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), timeout.Token);
        StringBuilder answer = new();
        var buffer = new byte[8_192];
        while (!IsWhole(answer.ToString()) && await stream.ReadAsync(buffer, timeout.Token) is > 0 and var read)
        {
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }

    private static bool IsWhole(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var length = end < 0 ? null : answer[..end].Split("\r\n").FirstOrDefault(
            static line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        return length is not null && answer.Length >= end + 4 + int.Parse(length["Content-Length: ".Length..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
        _developmentKey.Dispose();
    }
}
