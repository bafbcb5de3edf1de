using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Redaction;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>The console over real sockets, on a database with some events in it, beside a control plane of the test's.</summary>
internal sealed partial class ConsoleUnderTest : IAsyncDisposable
{
    private const string Issuer = "test-issuer";
    private const string Audience = "test-audience";

    private static readonly PolicyLoadOptions PolicyOptions = new() { RedactionProfiles = RedactionProfile.Names, AllowPlainHttpOnLoopback = true };

    private readonly ECDsa _key;
    private readonly ConsoleHost _host;
    private readonly HttpClient _http;

    private ConsoleUnderTest(ConsoleHost host, ECDsa key, string database)
    {
        _host = host;
        _key = key;
        Database = database;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = host.Address };
    }

    /// <summary>Signs the checkpoints of the test's logs.</summary>
    public static CheckpointSigner Signer { get; } = CheckpointSigner.Create();

    public string Database { get; }
    public IServiceProvider Services => _host.Services;

    /// <param name="events">What is in the log; two decisions, one permitted and one refused, when nothing is said.</param>
    public static async Task<ConsoleUnderTest> StartAsync(ControlPlaneDouble? gateway = null, bool policies = false, string? archive = null, params AuditEvent[] events)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await AppendAsync(database, events.Length > 0 ? events : [Record.Permit(Record.Permitted), Record.Deny(Record.Refused)]);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = await ConsoleHost.StartAsync(
            new ConsoleSettings
            {
                Urls = [new Uri("http://127.0.0.1:0")],
                ConnectionString = database,
                LogToConsole = false,
                Gateway = gateway?.Address,
                PolicyFolder = policies ? ShippedPack.Folder : null,
                PolicyArchive = archive,
                PolicyOptions = PolicyOptions,
                CheckpointKeys = [Signer.Key],
                DevelopmentKey = new ECDsaSecurityKey(key),
                DevelopmentIssuer = Issuer,
                DevelopmentAudience = Audience,
            },
            TimeProvider.System,
            CancellationToken.None);
        return new ConsoleUnderTest(host, key, database);
    }

    /// <summary>The version of the policy pack that ships.</summary>
    public static string ShippedVersion { get; } = ((PolicyLoadResult.Loaded)PolicyFolder.Load(ShippedPack.Folder, PolicyOptions)).Snapshot.Version;

    /// <summary>A console with somebody signed in.</summary>
    public static async Task<ConsoleUnderTest> SignedInAsync(
        string role = "auditor", string? tenant = null, ControlPlaneDouble? gateway = null, bool policies = false, string? archive = null, params AuditEvent[] events)
    {
        var console = await StartAsync(gateway, policies, archive, events);
        using var signedIn = await console.SignInAsync(console.Token(role, tenant: tenant));
        Assert.Equal("/", signedIn.Headers.Location?.ToString());
        return console;
    }

    public static async Task AppendAsync(string database, IEnumerable<AuditEvent> events)
    {
        await using var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = database, Shard = "console", Deadline = TimeSpan.FromSeconds(30), Signer = Signer }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        foreach (var entry in events)
        {
            await log.AppendAsync(entry, CancellationToken.None);
        }
    }

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    /// <summary>A page's text, markup and all.</summary>
    public async Task<string> PageAsync(string path)
    {
        using var reply = await _http.GetAsync(path);
        Assert.True(reply.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{path}: {reply.StatusCode}");
        return await reply.Content.ReadAsStringAsync();
    }

    /// <summary>Fills in the sign-in form as a browser does, antiforgery field included.</summary>
    public Task<HttpResponseMessage> SignInAsync(string token) => PostAsync("/sign-in", "/sign-in", [], ("token", token));

    /// <summary>Every address that the running console lists: a method, and a path whose parameters are those of <see cref="Record.Permitted"/>.</summary>
    public IReadOnlyList<(string Method, string Path)> Addresses =>
    [
        .. _host.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(static endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Select(method => (method, "/" + PathParameter().Replace(endpoint.RoutePattern.RawText!, Record.Permitted.ToString()).TrimStart('/')))),
    ];

    public Task<HttpResponseMessage> SendAsync(string method, string path, HttpContent? content = null) =>
        _http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path) { Content = content });

    /// <summary>Sends a form of a page.</summary>
    public async Task<HttpResponseMessage> PostAsync(string page, string action, (string Name, string Value)[] headers, params (string Name, string Value)[] fields)
    {
        var antiforgery = AntiforgeryField().Match(await _http.GetStringAsync(page));
        using HttpRequestMessage request = new(HttpMethod.Post, action)
        {
            Content = new FormUrlEncodedContent([
                KeyValuePair.Create("__RequestVerificationToken", antiforgery.Groups["value"].Value),
                .. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))]),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await _http.SendAsync(request);
    }

    /// <summary>Hands in a draft by the form on its page.</summary>
    /// <returns>The page that answers, after any redirection, and its address.</returns>
    public async Task<(string Page, string Address)> HandInAsync((string Name, byte[] Content)[] files, params (string Name, string Value)[] fields)
    {
        var form = await _http.GetStringAsync("/policies/draft");
        using MultipartFormDataContent content = new();
        content.Add(new StringContent(AntiforgeryField().Match(form).Groups["value"].Value), "__RequestVerificationToken");
        content.Add(new StringContent("draft"), "_handler");
        foreach (var (name, value) in fields)
        {
            content.Add(new StringContent(value), name);
        }

        foreach (var (name, bytes) in files)
        {
            content.Add(new ByteArrayContent(bytes), "files", name);
        }

        using var reply = await _http.PostAsync("/policies/draft", content);
        return reply.Headers.Location is { } there
            ? (WebUtility.HtmlDecode(await PageAsync(new Uri(_host.Address, there).PathAndQuery)), new Uri(_host.Address, there).PathAndQuery)
            : (WebUtility.HtmlDecode(await reply.Content.ReadAsStringAsync()), "/policies/draft");
    }

    /// <summary>A page, opened again until it shows what it works out in the background.</summary>
    public async Task<string> PageWhenItShowsAsync(string path, string expected)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            var page = WebUtility.HtmlDecode(await PageAsync(path));
            if (page.Contains(expected, StringComparison.Ordinal))
            {
                return page;
            }

            Assert.False(patience.IsCancellationRequested, $"{path} never shows: {expected}. It shows: {page}");
        }
    }

    public string Token(string role, ECDsa? signedBy = null, TimeSpan? age = null, string? tenant = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime - (age ?? TimeSpan.Zero);
        Dictionary<string, object> claims = new() { ["sub"] = "carla", ["roles"] = new[] { role } };
        if (tenant is not null)
        {
            claims["tenant"] = tenant;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            TokenType = "at+jwt",
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(10),
            Claims = claims,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(signedBy ?? _key), SecurityAlgorithms.EcdsaSha256),
        });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        _key.Dispose();
    }

    [GeneratedRegex("{[^}]+}")]
    private static partial Regex PathParameter();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<value>[^\"]+)\"")]
    private static partial Regex AntiforgeryField();
}
