using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>The console over real sockets on a database with two decisions in it.</summary>
internal sealed partial class ConsoleUnderTest : IAsyncDisposable
{
    private const string Issuer = "test-issuer";
    private const string Audience = "test-audience";

    private readonly ECDsa _key;
    private readonly ConsoleHost _host;
    private readonly HttpClient _http;

    private ConsoleUnderTest(ConsoleHost host, ECDsa key)
    {
        _host = host;
        _key = key;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = host.Address };
    }

    public static Guid Permitted { get; } = Guid.Parse("019a0000-0000-7000-8000-000000000001");
    public static Guid Refused { get; } = Guid.Parse("019a0000-0000-7000-8000-000000000002");

    public static async Task<ConsoleUnderTest> StartAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await using (var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = database, Shard = "console" }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None))
        {
            await log.AppendAsync(Decided(Permitted, "permit", null, "claude-anthropic"), CancellationToken.None);
            await log.AppendAsync(Decided(Refused, "deny", "no_permitted_provider", null), CancellationToken.None);
        }

        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = await ConsoleHost.StartAsync(
            new ConsoleSettings
            {
                Urls = [new Uri("http://127.0.0.1:0")],
                ConnectionString = database,
                LogToConsole = false,
                DevelopmentKey = new ECDsaSecurityKey(key),
                DevelopmentIssuer = Issuer,
                DevelopmentAudience = Audience,
            },
            TimeProvider.System,
            CancellationToken.None);
        return new ConsoleUnderTest(host, key);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    /// <summary>Fills in the sign-in form as a browser does, antiforgery field included.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string token)
    {
        var page = await _http.GetStringAsync("/sign-in");
        var antiforgery = AntiforgeryField().Match(page);
        return await _http.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = antiforgery.Groups["value"].Value,
            ["token"] = token,
        }));
    }

    public Task<HttpResponseMessage> PostWithoutAntiforgeryAsync(string token) =>
        _http.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = token }));

    public string Token(string role, ECDsa? signedBy = null, TimeSpan? age = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime - (age ?? TimeSpan.Zero);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            TokenType = "at+jwt",
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(10),
            Claims = new Dictionary<string, object> { ["sub"] = "carla", ["roles"] = new[] { role } },
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(signedBy ?? _key), SecurityAlgorithms.EcdsaSha256),
        });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        _key.Dispose();
    }

    private static RequestDecided Decided(Guid id, string outcome, string? code, string? deployment) => new()
    {
        Id = id,
        At = TimeProvider.System.GetUtcNow(),
        Outcome = outcome,
        RefusalCode = code,
        App = "<script>alert(1)</script>",
        Tenant = "default",
        PolicyVersion = "sha256:" + new string('a', 64),
        Day = "2026-04-28",
        Route = "clinical-chat",
        Wire = "openai-chat",
        Streaming = false,
        FloorClasses = [],
        DeclaredClasses = ["phi"],
        DetectedClasses = [],
        FinalClasses = ["internal", "phi", "pii"],
        Subjects = ["us"],
        Purpose = "treatment",
        Features = ["chat"],
        FindingCounts = new Dictionary<string, int>(),
        Plan = deployment is null ? [] : [deployment],
        PlanReason = "listed",
        Denied = [new DeniedCandidate("openai-gpt4o-direct", ["F-HIPAA-BAA"])],
        Duties = [],
        AuthorizedDeployment = deployment,
        Redactions = 2,
        PromptBytes = 100,
        PromptHash = "hmac-sha256:k:00",
        SentHash = deployment is null ? null : "hmac-sha256:k:01",
        Node = "node",
    };

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<value>[^\"]+)\"")]
    private static partial Regex AntiforgeryField();
}
