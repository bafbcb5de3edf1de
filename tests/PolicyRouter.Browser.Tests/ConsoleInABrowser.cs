using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Cli;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Testing;
using PolicyRouter.WebConsole;

namespace PolicyRouter.Browser.Tests;

/// <summary>
/// The console beside the real gateway and simulated providers, with requests that were really sent, and with records in which every text a person could
/// choose is hostile; and a browser. Once for all tests, which run one after the other.
/// </summary>
public sealed class ConsoleInABrowser : IAsyncLifetime
{
    /// <summary>Does something in a browser, or breaks its page, if it is ever taken for markup.</summary>
    private const string Hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>{{7*7}}\u202e";

    private SimulatedStack? _stack;
    private ConsoleHost? _console;

    internal Browser? Browser { get; private set; }

    /// <summary>What this machine lacks; null when nothing.</summary>
    public string? Missing { get; private set; }

    /// <summary>A request that a provider answered.</summary>
    public Guid Answered { get; private set; }

    /// <summary>A record with hostile texts everywhere.</summary>
    public Guid HostileId { get; } = Guid.CreateVersion7();

    public async Task InitializeAsync()
    {
        (Browser, Missing) = await Browser.StartAsync();
        if (Browser is null)
        {
            return;
        }

        var database = await PostgresFixture.CreateDatabaseAsync();
        _stack = await SimulatedStack.StartAsync(new SimulatedStackOptions { PoliciesFolder = ShippedPack.Folder, ConnectionString = database }, CancellationToken.None);
        await SendAsync(_stack);
        await using (var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = database, Shard = "hostile", Deadline = TimeSpan.FromSeconds(30) }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None))
        {
            foreach (var entry in HostileEvents())
            {
                await log.AppendAsync(entry, CancellationToken.None);
            }
        }

        _console = await ConsoleHost.StartAsync(
            new ConsoleSettings
            {
                Urls = [new Uri("http://127.0.0.1:0")],
                ConnectionString = database,
                LogToConsole = false,
                Gateway = _stack.ControlPlane,
                PolicyFolder = _stack.Policies,
                PolicyOptions = ConsoleCommand.PolicyOptions,
                CheckpointKeys = [_stack.Home.ReadCheckpointPublicKey()],
                CheckpointFolder = _stack.Home.CheckpointFolder,
                DevelopmentKey = _stack.VerificationKey,
                DevelopmentIssuer = DevelopmentTokens.Issuer,
                DevelopmentAudience = DevelopmentTokens.Audience,
            },
            TimeProvider.System,
            CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await (Browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_console?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_stack?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    internal Uri At(string path) => new(_console!.Address, path);

    internal string Token(string name, params string[] roles) => _stack!.Token(new Caller { App = name, Roles = roles });

    /// <summary>Opens a window and signs in with every role.</summary>
    internal async Task<Browser> SignInAsync(bool dark = false, double zoom = 1, bool scripts = true, string name = "carla")
    {
        var browser = Browser!;
        await browser.OpenAsync(dark, zoom, scripts);
        await browser.GoToAsync(At("/sign-in"));
        await browser.FillAsync("#token", Token(name, "auditor", "legal", "operator"));
        await browser.ClickAsync("main button[type=submit]");
        return browser;
    }

    private async Task SendAsync(SimulatedStack stack)
    {
        using DemoApp app = new(stack.DataPlane, stack.Token("ward-notes", "app"), TimeProvider.System);
        foreach (var request in new DemoTraffic(1).Deal(24))
        {
            var outcome = await app.AskAsync(request, "browser", CancellationToken.None);
            if (outcome.IsServed)
            {
                Answered = outcome.DecisionId;
            }
        }
    }

    private IEnumerable<AuditEvent> HostileEvents()
    {
        var now = TimeProvider.System.GetUtcNow();
        DeniedCandidate[] candidates = [new(Hostile, [Hostile, "F-HIPAA-BAA"])];
        yield return new RequestDecided
        {
            Id = HostileId, At = now, Outcome = "permit", RefusalCode = Hostile, App = Hostile, Tenant = Hostile, PolicyVersion = Hostile, Day = "2026-04-28", Route = Hostile,
            Wire = Hostile, Streaming = true, FloorClasses = [Hostile], DeclaredClasses = [Hostile], DetectedClasses = [Hostile], FinalClasses = [Hostile, "phi"], Subjects = [Hostile],
            Purpose = Hostile, Features = [Hostile], FindingCounts = new Dictionary<string, int> { [Hostile] = 1 }, Plan = [Hostile], PlanReason = Hostile, Denied = candidates,
            Duties = [new RecordedDuty(Hostile, Hostile, Hostile)], AuthorizedDeployment = Hostile, Redactions = 1, PromptBytes = 1, PromptHash = Hostile, SentHash = Hostile, Node = Hostile,
            BusinessUnit = Hostile, Advisory = candidates, Shadow = candidates, Unsuitable = candidates, Overridden = candidates,
            BreakGlass = new(Hostile, [Hostile], [Hostile], now, now), RetryOf = Guid.CreateVersion7(), Approvals = [new(Hostile, Hostile, Hostile, Hostile)],
        };
        yield return new AttemptAuthorized
        {
            Id = Guid.CreateVersion7(), At = now, RequestId = HostileId, Attempt = 2, AuthorizedDeployment = Hostile, PolicyVersion = Hostile, AfterFailure = Hostile, Redactions = 1, SentHash = Hostile,
        };
        yield return new ResidencyMismatch { Id = Guid.CreateVersion7(), At = now, RequestId = HostileId, Deployment = Hostile, PolicyVersion = Hostile, Claimed = [Hostile], Reported = Hostile };
        yield return new ModelMismatch { Id = Guid.CreateVersion7(), At = now, RequestId = HostileId, Deployment = Hostile, PolicyVersion = Hostile, Expected = [Hostile], Reported = Hostile };
        yield return new RequestCompleted
        {
            Id = Guid.CreateVersion7(), At = now, RequestId = HostileId, Outcome = Hostile, Deployment = Hostile, Attempts = 2, Failures = [Hostile], HttpStatus = 200, InputTokens = 1, OutputTokens = 1,
            DurationMs = 1, FirstByteMs = 1, ResponseModel = Hostile, RanIn = Hostile, CostMicros = 1, Currency = Hostile,
        };
        yield return new PolicyActivated { Id = Guid.CreateVersion7(), At = now, PolicyVersion = Hostile, PreviousVersion = Hostile, Node = Hostile };
        yield return new PolicyRejected { Id = Guid.CreateVersion7(), At = now, PolicyVersionInForce = Hostile, Problems = [Hostile], Node = Hostile };
        yield return new HistoryRead { Id = Guid.CreateVersion7(), At = now, Reader = Hostile, Query = Hostile, Rows = 1 };
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<ConsoleInABrowser>
{
    public const string Name = "browser";
}
