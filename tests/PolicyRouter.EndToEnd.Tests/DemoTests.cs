using System.Diagnostics;
using System.Text.Json;
using PolicyRouter.Audit.Verifying;
using PolicyRouter.Cli.Demo;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

public class DemoTests
{
    [Fact]
    public async Task Demo_KeepsEveryPromise_AndSaysSoInOneJsonDocument()
    {
        var report = Path.Combine(TestFolder.Create("demo"), "report.md");
        ProcessStartInfo start = new("dotnet", [typeof(DemoCommand).Assembly.Location, "demo", "--json", "--report", report])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));

        Assert.True(process.ExitCode == 0, await error);
        using var json = JsonDocument.Parse(await output);
        var sums = json.RootElement;
        Assert.True(sums.GetProperty("requests").GetInt32() >= 200);
        Assert.Equal(sums.GetProperty("requests").GetInt32(), sums.GetProperty("decisions").GetInt32());
        Assert.Equal(sums.GetProperty("requests").GetInt32(), sums.GetProperty("served").GetInt32() + sums.GetProperty("refused").GetInt32());
        Assert.Equal(0, sums.GetProperty("forbiddenSends").GetInt32());
        Assert.Equal(0, sums.GetProperty("clearIdentifiers").GetInt32());
        Assert.Equal(0, sums.GetProperty("unrecordedSends").GetInt32());
        Assert.Equal(0, sums.GetProperty("logFaults").GetInt32());
        Assert.True(sums.GetProperty("verifiedEntries").GetInt64() > sums.GetProperty("decisions").GetInt32());
        Assert.Equal(1, sums.GetProperty("availabilityPermitted").GetDouble());
        Assert.True(sums.GetProperty("failedOver").GetInt32() > 0);

        // The report of the replay says the same, and names who failed and who took over.
        var lines = await File.ReadAllLinesAsync(report);
        Assert.Contains($"| decided | {sums.GetProperty("requests").GetInt32()} |", lines);
        Assert.Contains($"| answered | {sums.GetProperty("served").GetInt32()} |", lines);
        Assert.Contains($"| of these by another deployment after an attempt had failed | {sums.GetProperty("failedOver").GetInt32()} |", lines);
        Assert.Contains($"| refused by the policy | {sums.GetProperty("refused").GetInt32()} |", lines);
        Assert.Contains("| lost: permitted, and no whole answer came | 0 |", lines);
        var outage = Assert.Single(lines, static line => line.StartsWith("| 1 | claude-anthropic | status\\_401 ", StringComparison.Ordinal));
        Assert.Contains("claude-aws-us (", outage, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(report)!, recursive: true);

        // The sample in the documentation has the same sections and tables; otherwise: policyrouter demo --report docs/samples/incident-report.md
        Assert.Equal(Shape(await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "samples", "incident-report.md"))), Shape(lines));
    }

    /// <summary>Headings of sections, and heads of tables, each once.</summary>
    private static IEnumerable<string> Shape(string[] lines) => lines
        .Where((line, index) => line.StartsWith("## ", StringComparison.Ordinal) || (index + 1 < lines.Length && lines[index + 1].StartsWith("|---", StringComparison.Ordinal)))
        .Distinct();

    /// <summary>The reckoning must be able to fail: each broken promise on its own makes it say so.</summary>
    [Theory]
    [InlineData("forbidden")]
    [InlineData("clear")]
    [InlineData("unrecorded")]
    [InlineData("stranger")]
    [InlineData("missing decision")]
    [InlineData("unanswered")]
    [InlineData("log")]
    [InlineData("log not verified")]
    public void Reckoning_SeesEachBrokenPromise(string broken)
    {
        var billing = TrafficKinds.All.Single(static kind => kind.Name == "billing question");
        var marketing = TrafficKinds.All.Single(static kind => kind.Name == "patients for marketing");
        DemoRequest asked = new(1, billing, new PlantedText("SSN 123-45-6789", ["123-45-6789"]), "kilo-bravo-tango", false);
        DemoRequest refused = new(2, marketing, new PlantedText("", []), "amber-cedar-delta", false);
        Guid askedId = Guid.NewGuid(), refusedId = Guid.NewGuid();
        List<DemoOutcome> outcomes =
        [
            broken == "unanswered"
                ? new(asked, "all", 503, "permitted_providers_unavailable", [], askedId, null, 2, 0, TimeSpan.Zero, null)
                : new(asked, "all", 200, null, [], askedId, "claude-aws-us", 2, 1, TimeSpan.Zero, "SSN 123-45-6789"),
            new(refused, "all", 403, "no_permitted_provider", ["F-PHI-MARKETING"], refusedId, null, 0, 0, TimeSpan.Zero, null),
        ];
        List<ReceivedBody> received =
        [
            new(broken == "forbidden" ? "groq-llama" : "claude-aws-us", broken == "clear" ? "123-45-6789 (thread kilo-bravo-tango)" : "SSN_X_1 (thread kilo-bravo-tango)"),
        ];
        if (broken == "stranger")
        {
            received.Add(new ReceivedBody("claude-aws-us", "a body of no request"));
        }

        List<LoggedRequest> log = [new(askedId, "permit", broken == "unrecorded" ? [] : ["claude-anthropic", "claude-aws-us", "groq-llama"], ["phi"])];
        if (broken != "missing decision")
        {
            log.Add(new LoggedRequest(refusedId, "deny", [], ["phi"]));
        }

        VerificationReport verification = new(
            broken == "log not verified" ? [] : [new VerifiedLog("simulated", 1, 0, 5, 5, null)], 1, broken == "log" ? [new LogFault("simulated", 1, 3, null, "altered")] : []);
        var reckoning = Reckoning.Of(outcomes, received, log, new Dictionary<string, IReadOnlySet<string>> { ["all"] = new HashSet<string>() }, verification);

        Assert.False(reckoning.EveryPromiseHeld);
    }
}
