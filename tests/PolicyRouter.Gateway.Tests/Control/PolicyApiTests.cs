using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Tests.Hosting;
using PolicyRouter.Testing;

namespace PolicyRouter.Gateway.Tests.Control;

public sealed class PolicyApiTests
{
    private const string ClinicalChat = """{"data":["phi"],"subjects":["us"],"purpose":"treatment","features":["chat"],"on":"2026-11-25","route":"clinical-chat"}""";

    private static readonly Dictionary<string, string?> RoomForADraft = new() { ["MaxBodyBytes"] = "4194304" };

    [Fact]
    public async Task Evaluate_AnswersAsThePolicyInForceDecides_AndRecordsAndSendsNothing()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(policy: ShippedPolicies.Snapshot);
        var recorded = gateway.Recorded.Count;

        var (status, decision) = await PostAsync(gateway, "/api/policy/evaluate", gateway.Token("legal"), ClinicalChat);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("permit", (string?)decision["decision"]);
        Assert.Equal(ShippedPolicies.Snapshot.Version, (string?)decision["policyVersion"]);
        Assert.Equal(
            ShippedPolicies.ClinicalTargets().Select(static target => target.Deployment.Id), decision["permitted"]!.AsArray().Select(static id => (string)id!));
        Assert.NotNull(decision["denied"]!["openai-gpt4o-direct"]![0]!["citation"]);
        Assert.Equal(recorded, gateway.Recorded.Count);
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("""{"dta":["phi"]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"data":["phi"],"data":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"on":"yesterday"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"route":"no-such-route"}""", HttpStatusCode.NotFound)]
    public async Task EvaluateOfWhatIsNoRequest_SaysSo(string body, HttpStatusCode expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(policy: ShippedPolicies.Snapshot);

        var (status, problem) = await PostAsync(gateway, "/api/policy/evaluate", gateway.Token("legal"), body);

        Assert.Equal(expected, status);
        Assert.Equal((int)expected, (int)problem["status"]!);
    }

    [Fact]
    public async Task EvaluateForAnotherTenant_IsRefused_AndForNoneIsForTheReadersOwn()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(policy: ShippedPolicies.Snapshot);
        var token = gateway.Token(new Caller { App = "lena", Roles = ["legal"], Tenant = "north" });

        var other = await PostAsync(gateway, "/api/policy/evaluate", token, """{"data":["phi"],"tenant":"south"}""");
        var own = await PostAsync(gateway, "/api/policy/evaluate", token, """{"data":["phi"],"tenant":"north"}""");

        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
        Assert.Equal(HttpStatusCode.OK, own.Status);
    }

    [Theory]
    [InlineData("/api/policy/evaluate")]
    [InlineData("/api/policy/impact")]
    public async Task QuestionsAboutPolicies_AreForLegalOnly(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(policy: ShippedPolicies.Snapshot);

        foreach (var role in new[] { "auditor", "operator", "app" })
        {
            using var refused = await gateway.PostToControlAsync(path, gateway.Token(role), Json(ClinicalChat));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using var stranger = await gateway.PostToControlAsync(path, null, Json(ClinicalChat));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task Impact_OfADraftAsFilesOrArchive_IsCountedGroupedAndRecorded()
    {
        List<HistoryQuery> asked = [];
        await using var gateway = await GatewayUnderTest.StartAsync(limits: RoomForADraft, policy: ShippedPolicies.Snapshot, latest: (query, most) =>
        {
            asked.Add(query);
            return [.. Enumerable.Range(0, Math.Min(most, 3)).Select(static _ => Permitted())];
        });
        var draft = DraftThatForbidsEverything();

        var asFiles = await PostAsync(gateway, "/api/policy/impact", gateway.Token("legal"), new JsonObject { ["files"] = FilesOf(draft), ["last"] = 2 }.ToJsonString());
        using var archive = await gateway.PostToControlAsync("/api/policy/impact?last=3", gateway.Token(new Caller { App = "lena", Roles = ["legal"], Tenant = "north" }), ZipOf(draft));
        var asArchive = JsonNode.Parse(await archive.Content.ReadAsStringAsync())!;

        Assert.Equal(HttpStatusCode.OK, asFiles.Status);
        Assert.Equal((2, 2, 2), ((int)asFiles.Body["decided"]!, (int)asFiles.Body["changed"]!, (int)asFiles.Body["newlyDenied"]!));
        Assert.Equal((3, 3), ((int)asArchive["decided"]!, (int)asArchive["leftWithNobody"]!));
        Assert.Equal((string?)asFiles.Body["policyVersion"], (string?)asArchive["policyVersion"]);
        Assert.NotEqual(ShippedPolicies.Snapshot.Version, (string?)asArchive["policyVersion"]);
        var group = Assert.Single(asFiles.Body["groups"]!.AsArray())!;
        Assert.Equal(2, (int)group["count"]!);
        Assert.Contains("F-EVERYTHING", (string)group["change"]!, StringComparison.Ordinal);
        Assert.Equal(2, group["samples"]!.AsArray().Count);
        Assert.Equal([null, "north"], asked.Select(static query => query.Tenant));
        Assert.Equal([("tester", 2), ("lena", 3)], gateway.Recorded.OfType<HistoryRead>().Select(static read => (read.Reader, read.Rows)));
    }

    [Fact]
    public async Task DraftThatDoesNotLoad_IsToldByPlaceAndSuggestion_AndNothingIsRead()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(limits: RoomForADraft, policy: ShippedPolicies.Snapshot, latest: static (_, _) => throw new InvalidOperationException("nothing may be read"));
        var draft = Shipped();
        draft["routes.yaml"] = draft["routes.yaml"].Replace("order: listed", "order: listd", StringComparison.Ordinal);

        var (status, problem) = await PostAsync(gateway, "/api/policy/impact", gateway.Token("legal"), new JsonObject { ["files"] = FilesOf(draft) }.ToJsonString());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("draft_invalid", (string?)problem["code"]);
        var first = problem["problems"]!.AsArray().First(static found => (string?)found!["severity"] == "error")!;
        Assert.Equal("draft/routes.yaml", (string?)first["file"]);
        Assert.True((int)first["line"]! > 1);
        Assert.Equal("listed", (string?)first["suggestion"]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"files":{}}""")]
    [InlineData("""{"files":{"../../etc/passwd":"x"}}""")]
    [InlineData("""{"files":{"/registry.yaml":"x"}}""")]
    [InlineData("""{"files":{"registry.yaml":7}}""")]
    [InlineData("""{"files":{"registry.yaml":"x"},"last":0}""")]
    [InlineData("""{"files":{"registry.yaml":"x"},"last":5001}""")]
    [InlineData("""{"files":{"registry.yaml":"x"},"folder":"/etc"}""")]
    public async Task ImpactOfWhatIsNoDraft_Is400(string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(policy: ShippedPolicies.Snapshot);

        var (status, _) = await PostAsync(gateway, "/api/policy/impact", gateway.Token("legal"), body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Empty(gateway.Recorded.OfType<HistoryRead>());
    }

    [Fact]
    public async Task ArchiveThatUnpacksToTooMuch_Is400()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(limits: RoomForADraft, policy: ShippedPolicies.Snapshot);
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            await using var entry = await zip.CreateEntry("registry.yaml", CompressionLevel.Optimal).OpenAsync();
            await entry.WriteAsync(new byte[16 * 1_048_576]);
        }

        using var answer = await gateway.PostToControlAsync("/api/policy/impact", gateway.Token("legal"), Zip(stream));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("larger than 8 MiB", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_AreWhatTheLogSays_WithTheirWindows_AndTheReadIsRecorded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(policy: ShippedPolicies.Snapshot);
        var now = gateway.Time.GetUtcNow();
        var old = "sha256:" + new string('1', 64);
        gateway.Recorded.Enqueue(Activated(old, now.AddDays(-2), null));
        gateway.Recorded.Enqueue(Activated(ShippedPolicies.Snapshot.Version, now.AddDays(-1), "key-1"));

        using var list = await gateway.GetAsync(gateway.Control, "/api/policy/versions", gateway.Token("auditor"));
        using var one = await gateway.GetAsync(gateway.Control, $"/api/policy/versions/{ShippedPolicies.Snapshot.Version}", gateway.Token("legal"));
        using var older = await gateway.GetAsync(gateway.Control, $"/api/policy/versions/{new string('1', 64)}", gateway.Token("legal"));
        using var unknown = await gateway.GetAsync(gateway.Control, $"/api/policy/versions/sha256:{new string('2', 64)}", gateway.Token("legal"));
        using var nonsense = await gateway.GetAsync(gateway.Control, "/api/policy/versions/nonsense", gateway.Token("legal"));

        var versions = JsonNode.Parse(await list.Content.ReadAsStringAsync())!["versions"]!.AsArray();
        Assert.Equal([ShippedPolicies.Snapshot.Version, old], versions.Select(static version => (string)version!["version"]!));
        Assert.Equal([true, false], versions.Select(static version => (bool)version!["isInForce"]!));
        Assert.Equal(now.AddDays(-1), (DateTimeOffset)versions[1]!["to"]!);
        Assert.Null(versions[0]!["to"]);
        Assert.Equal("key-1", (string?)versions[0]!["signedBy"]![0]);
        var shown = JsonNode.Parse(await one.Content.ReadAsStringAsync())!;
        Assert.Contains(shown["rules"]!.AsArray(), static rule => (string?)rule!["id"] == "F-HIPAA-BAA");
        Assert.NotEmpty(shown["activations"]!.AsArray());
        Assert.Null(JsonNode.Parse(await older.Content.ReadAsStringAsync())!["rules"]);
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.NotFound], [unknown.StatusCode, nonsense.StatusCode]);
        Assert.Equal(4, gateway.Recorded.OfType<HistoryRead>().Count());
    }

    private static PolicyActivated Activated(string version, DateTimeOffset at, string? signedBy) => new()
    {
        Id = Guid.CreateVersion7(at), At = at, PolicyVersion = version, PreviousVersion = null, Node = "node-1", SignedBy = signedBy,
    };

    private static RequestDecided Permitted() => new()
    {
        Id = Guid.CreateVersion7(), At = new DateTimeOffset(2026, 4, 28, 8, 0, 0, TimeSpan.Zero), Outcome = "permit", RefusalCode = null, App = "ward", Tenant = "", PolicyVersion = "sha256:0", Day = "2026-11-25",
        Route = "clinical-chat", Wire = "openai-chat", Streaming = false, FloorClasses = [], DeclaredClasses = ["phi"], DetectedClasses = [], FinalClasses = ["phi"], Subjects = ["us"], Purpose = "treatment",
        Features = ["chat"], FindingCounts = new Dictionary<string, int>(), Plan = ["claude-anthropic"], PlanReason = "listed", Denied = [], Duties = [], AuthorizedDeployment = "claude-anthropic", Redactions = 0,
        PromptBytes = 1, PromptHash = "hmac-sha256:k:00", SentHash = null, Node = "node-1",
    };

    private static SortedDictionary<string, string> Shipped() => new(
        Directory.EnumerateFiles(ShippedPack.Folder, "*.yaml", SearchOption.AllDirectories)
            .ToDictionary(static file => Path.GetRelativePath(ShippedPack.Folder, file).Replace('\\', '/'), File.ReadAllText),
        StringComparer.Ordinal);

    private static SortedDictionary<string, string> DraftThatForbidsEverything()
    {
        var files = Shipped();
        foreach (var tests in files.Keys.Where(static path => path.StartsWith("tests/", StringComparison.Ordinal)).ToList())
        {
            files.Remove(tests);
        }

        files["rules/everything.yaml"] = """
            format: policyrouter/rules/v1
            defaults:
              owner: legal
              in force: {from: 2026-01-01, until: further notice}
            rules:
              - id: F-EVERYTHING
                title: Nothing about health leaves
                effect: forbid
                when all:
                  - data includes any of: [phi]
                reason: A trial.
                citation: [Example]
            """;
        return files;
    }

    private static JsonObject FilesOf(IEnumerable<KeyValuePair<string, string>> draft) =>
        new(draft.Select(static file => KeyValuePair.Create<string, JsonNode?>(file.Key, file.Value)));

    private static ByteArrayContent ZipOf(IEnumerable<KeyValuePair<string, string>> draft)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in draft)
            {
                using StreamWriter entry = new(zip.CreateEntry($"policies/{path}").Open());
                entry.Write(text);
            }
        }

        return Zip(stream);
    }

    private static ByteArrayContent Zip(MemoryStream stream)
    {
        ByteArrayContent content = new(stream.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        return content;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(GatewayUnderTest gateway, string path, string token, string body)
    {
        using var answer = await gateway.PostToControlAsync(path, token, Json(body));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
