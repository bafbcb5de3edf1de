using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Signing;
using PolicyRouter.Redaction;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

public class PolicyReloadTests
{
    [Fact]
    public async Task BadPolicyFolder_IsRefused_AndTheLastGoodOneStaysInForce()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var before = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        var rules = Path.Combine(gateway.Stack.Policies, "rules", "hipaa.yaml");
        await File.WriteAllTextAsync(rules, (await File.ReadAllTextAsync(rules)).Replace("agreement in force: baa", "agreement in force: bba", StringComparison.Ordinal));

        var reloaded = await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None);
        var after = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.False(reloaded);
        Assert.Equal(HttpStatusCode.OK, after.Status);
        Assert.Equal(before.Headers["X-Policy-Version"], after.Headers["X-Policy-Version"]);
        var policy = (await gateway.ControlAsync("/api/policy", "legal")).Json;
        Assert.Contains("rules/hipaa.yaml", policy.GetProperty("refusedSince")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GoodPolicyFolder_IsInForceForTheNextRequest()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var before = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        var registry = Path.Combine(gateway.Stack.Policies, "registry.yaml");
        var text = await File.ReadAllTextAsync(registry);
        var start = text.IndexOf("id: claude-anthropic", StringComparison.Ordinal);
        var status = text.IndexOf("status: approved", start, StringComparison.Ordinal);
        await File.WriteAllTextAsync(registry, text[..status] + "status: suspended" + text[(status + "status: approved".Length)..]);

        Assert.True(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None));
        var after = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal("claude-anthropic", before.Deployment);
        Assert.Equal("claude-aws-us", after.Deployment);
        Assert.NotEqual(before.Headers["X-Policy-Version"], after.Headers["X-Policy-Version"]);
        var denied = JsonDocument.Parse((await gateway.EventsOfAsync(after.DecisionId))[0].CanonicalJson).RootElement.GetProperty("denied").ToString();
        Assert.Contains("claude-anthropic", denied, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PolicyChangedWhileAProviderFails_HasThePromptLookedThroughAgain_BeforeItGoesToTheNext()
    {
        const string Project = "Project Falcon";
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.FailOnceThePolicyRedacts("claude-anthropic", Project, "other-identifier");

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", $"What is the status of {Project}?"), purpose: "payment");

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(["claude-anthropic", reply.Deployment], gateway.Fleet.Received.Select(static sent => sent.Provider));
        Assert.Contains(Project, gateway.Fleet.Received[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Project, gateway.Fleet.Received[1].Text, StringComparison.Ordinal);
        Assert.Equal("1", reply.Headers["X-Redactions"]);
        var attempt = JsonDocument.Parse((await gateway.EventsOfAsync(reply.DecisionId)).Single(static one => one.Type == "attempt_authorized").CanonicalJson).RootElement;
        Assert.Equal(reply.Headers["X-Policy-Version"], attempt.GetProperty("policyVersion").GetString());
        Assert.Equal(1, attempt.GetProperty("redactions").GetInt32());
        Assert.Equal(await VersionAsync(gateway), reply.Headers["X-Policy-Version"]);
    }

    [Fact]
    public async Task PolicyChangedWhileAProviderFails_ThatFindsInThePromptWhatNobodyMayHave_EndsTheRequest()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.FailOnceThePolicyRedacts("groq-llama", "Project Falcon", "card-security-code");

        var reply = await gateway.AskAsync(
            GatewayUnderTest.Chat("public-chat", "What is the status of Project Falcon?"), dataClass: null, subjects: null, purpose: null,
            headers: ("Authorization", $"Bearer {gateway.Stack.Token("press", "app", floor: "public")}"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Single(gateway.Fleet.Received);
    }

    [Fact]
    public async Task WithoutAnyValidPolicy_EverythingIsRefused_AndTheNodeIsNotReady()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options =>
            options.EditPolicies = static folder => File.WriteAllText(Path.Combine(folder, "registry.yaml"), "format: nonsense"));

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Equal("policy_unavailable", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.ControlAsync("/readyz", "operator")).Status);
    }

    [Fact]
    public async Task AHundredSwapsUnderLoad_CauseNoError_AndEveryAnswerNamesAPolicyThatWasInForce()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var routes = Path.Combine(gateway.Stack.Policies, "routes.yaml");
        var original = await File.ReadAllTextAsync(routes);
        ConcurrentDictionary<string, bool> inForce = new(StringComparer.Ordinal);
        inForce[await VersionAsync(gateway)] = true;
        using CancellationTokenSource done = new();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            List<Reply> replies = [];
            while (!done.IsCancellationRequested)
            {
                replies.Add(await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.")));
            }

            return replies;
        })).ToList();

        for (var swap = 0; swap < 100; swap++)
        {
            await File.WriteAllTextAsync(routes, $"{original}# swap {swap}\n");
            Assert.True(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None));
            inForce[await VersionAsync(gateway)] = true;
        }

        await done.CancelAsync();
        var replies = (await Task.WhenAll(load)).SelectMany(static some => some).ToList();
        Assert.Equal(101, inForce.Count);
        Assert.NotEmpty(replies);
        Assert.All(replies, static reply => Assert.Equal(HttpStatusCode.OK, reply.Status));
        Assert.All(replies, reply => Assert.Contains(reply.Headers["X-Policy-Version"], inForce.Keys));
    }

    public static TheoryData<string, string, string> BadFolders => new()
    {
        { "a file cut in half", "registry.yaml", "cut" },
        { "an empty file", "registry.yaml", "" },
        { "a file that is gone", "data-classes.yaml", "delete" },
        { "all rules gone", "rules", "delete" },
        { "garbage", "routes.yaml", "\u0001\u0002\uFFFD\u0000" },
        { "too large", "rules/huge.yaml", "huge" },
        { "nested too deeply", "rules/deep.yaml", "deep" },
        { "a case that fails", "tests/more.tests.yaml", "format: policyrouter/tests/v1\ntoday: 2026-11-02\ncases:\n  - {name: wrong, given: {data: [phi], subjects: [us], purpose: treatment, features: [chat]}, permitted: []}\n" },
        { "a claim that is false", "tests/more.tests.yaml", "format: policyrouter/tests/v1\ntoday: 2026-11-02\nnever:\n  - {id: N-X, claim: PHI goes anywhere, when all: [{data includes any of: [phi]}]}\n" },
        { "a rule that never fires", "rules/more.yaml", "format: policyrouter/rules/v1\nrules:\n  - {id: F-X, title: t, effect: forbid, owner: o, in force: {from: 2026-01-01, until: further notice}, when all: [{data includes any of: [phi]}, {deployment status is: retired}], reason: r, citation: c}\n" },
        { "the whole folder gone", ".", "delete" },
    };

    [Theory]
    [MemberData(nameof(BadFolders))]
    public async Task WhateverIsWrong_TheLastGoodPolicyStays_AndItIsRecordedOnce_UntilTheFolderIsGoodAgain(string what, string file, string content)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var good = await VersionAsync(gateway);
        var kept = Path.Combine(Path.GetDirectoryName(gateway.Stack.Policies)!, "kept");
        TestFolder.Copy(gateway.Stack.Policies, kept);

        Spoil(gateway.Stack.Policies, file, content);
        Assert.False(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None), what);
        Assert.False(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None), what);
        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal((HttpStatusCode.OK, good), (reply.Status, reply.Headers["X-Policy-Version"]));
        Assert.Equal(1L, await CountAsync(gateway, "policy_rejected"));
        if (Directory.Exists(gateway.Stack.Policies))
        {
            Directory.Delete(gateway.Stack.Policies, recursive: true);
        }

        Directory.Move(kept, gateway.Stack.Policies);
        Assert.True(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None), what);
        Assert.Equal(good, await VersionAsync(gateway));
        Assert.Equal(1L, await CountAsync(gateway, "policy_activated"));
    }

    [Fact]
    public async Task TheWatcher_TakesAFolderThatIsSwappedByItsLink()
    {
        string data = "", second = "";
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.EditPolicies = policies =>
        {
            // As Kubernetes mounts a ConfigMap: every entry is a link through one link, which is replaced as a whole.
            var first = Path.Combine(policies, "..2026_01");
            second = Path.Combine(policies, "..2026_02");
            data = Path.Combine(policies, "..data");
            Directory.CreateDirectory(first);
            foreach (var entry in Directory.EnumerateFileSystemEntries(policies).Where(static entry => !Path.GetFileName(entry).StartsWith('.')).ToList())
            {
                Directory.Move(entry, Path.Combine(first, Path.GetFileName(entry)));
                File.CreateSymbolicLink(entry, Path.Combine("..data", Path.GetFileName(entry)));
            }

            Directory.CreateSymbolicLink(data, Path.GetFileName(first));
            TestFolder.Copy(first, second);
            File.AppendAllText(Path.Combine(second, "routes.yaml"), "# the next one\n");
        });
        var before = await VersionAsync(gateway);

        var next = data + "_tmp";
        Directory.CreateSymbolicLink(next, Path.GetFileName(second));
        await ReplaceLinkAsync(next, data);
        var after = await WaitForAnotherVersionAsync(gateway, before);

        Assert.NotEqual(before, after);
        Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."))).Status);
    }

    /// <summary>Renames a link over another in one step, which File.Move refuses for a link to a folder.</summary>
    private static async Task ReplaceLinkAsync(string next, string data)
    {
        using var move = Process.Start("mv", ["-fT", next, data]);
        await move.WaitForExitAsync();
        Assert.Equal(0, move.ExitCode);
    }

    [Fact]
    public async Task WithAVerificationKey_OnlyASignedFolderIsTaken()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.EditPolicies = policies =>
            {
                File.WriteAllText(Path.Combine(policies, "..", "public.pem"), key.ExportSubjectPublicKeyInfoPem());
                Sign(policies, key);
            };
            options.Settings = static folder => new() { ["Policies:VerificationKey"] = Path.Combine(folder, "public.pem") };
        });
        var signed = await VersionAsync(gateway);

        File.AppendAllText(Path.Combine(gateway.Stack.Policies, "routes.yaml"), "# changed by somebody\n");
        Assert.False(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None));
        Assert.Equal(signed, await VersionAsync(gateway));
        Sign(gateway.Stack.Policies, key);
        Assert.True(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None));
        Assert.NotEqual(signed, await VersionAsync(gateway));
    }

    [Fact]
    public async Task APolicyThatNobodyConfirmsForTooLong_DeniesSensitiveDataOnly()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.Settings = static _ => new() { ["Policies:MaxAgeHours"] = "1" };
            options.Time = time;
        });
        Directory.Delete(gateway.Stack.Policies, recursive: true);
        time.Advance(TimeSpan.FromMinutes(59));
        var young = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        time.Advance(TimeSpan.FromMinutes(2));

        var sensitive = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        var open = await gateway.AskAsync(GatewayUnderTest.Chat("public-chat", "Write a press release."), dataClass: "public", purpose: "marketing");

        Assert.Equal(HttpStatusCode.OK, young.Status);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "policy_unavailable"), (sensitive.Status, sensitive.ErrorCode));
        Assert.Equal(HttpStatusCode.OK, open.Status);
        Assert.True((await gateway.ControlAsync("/api/policy", "legal")).Json.GetProperty("isStale").GetBoolean());
    }

    private static void Sign(string policies, ECDsa key)
    {
        var loaded = Assert.IsType<PolicyLoadResult.Loaded>(PolicyFolder.Load(policies, new() { RedactionProfiles = RedactionProfile.Names, AllowPlainHttpOnLoopback = true }));
        File.WriteAllText(Path.Combine(policies, PolicySignature.FileName), PolicySignature.Sign(loaded.Snapshot.Version, key));
    }

    private static void Spoil(string policies, string file, string content)
    {
        var path = Path.Combine(policies, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        switch (content)
        {
            case "delete" when Directory.Exists(path):
                Directory.Delete(path, recursive: true);
                break;
            case "delete":
                File.Delete(path);
                break;
            case "cut":
                File.WriteAllText(path, File.ReadAllText(path)[..200]);
                break;
            case "huge":
                using (var huge = File.Create(path))
                {
                    huge.SetLength(50 * 1_048_576);
                }

                break;
            case "deep":
                File.WriteAllText(path, new string('[', 20_000));
                break;
            default:
                File.WriteAllText(path, content);
                break;
        }
    }

    private static async Task<string> VersionAsync(GatewayUnderTest gateway) => (await gateway.ControlAsync("/api/policy", "legal")).Json.GetProperty("version").GetString()!;

    private static async Task<string> WaitForAnotherVersionAsync(GatewayUnderTest gateway, string before)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            var version = await VersionAsync(gateway);
            if (version != before)
            {
                return version;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static Task<long> CountAsync(GatewayUnderTest gateway, string type) =>
        Sql.ScalarAsync<long>(gateway.Stack.ConnectionString, $"SELECT count(*) FROM audit.mt_events WHERE type = '{type}'");
}
