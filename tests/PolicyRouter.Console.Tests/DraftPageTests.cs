using System.IO.Compression;
using System.Net;
using System.Text;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

public class DraftPageTests
{
    private static readonly string Hipaa = File.ReadAllText(Path.Combine(ShippedPack.Folder, "rules", "hipaa.yaml"));

    /// <summary>The shipped rules about health, none of whose permits counts.</summary>
    private static readonly string Stricter = Hipaa.Replace("effect: permit", "effect: permit\n    shadow: true", StringComparison.Ordinal);

    [Fact]
    public async Task PastedFile_IsCheckedProvedComparedAndReplayed_AndAsksOneDecision()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync("legal", gateway: gateway, policies: true);

        var (page, address) = await console.HandInAsync([], ("base", "policies"), ("path", "rules/hipaa.yaml"), ("text", Stricter));
        var compared = await console.PageWhenItShowsAsync(address, "may no longer go to");
        var proved = await console.PageWhenItShowsAsync(address, "For every request on every date");
        var tested = await console.PageWhenItShowsAsync(address, "cases beside the rules hold");
        var name = address["/policies?policy=".Length..];
        var impact = WebUtility.HtmlDecode(await console.PageAsync($"/policies/impact?policy={name}&last=100"));
        var decision = WebUtility.HtmlDecode(await console.PageAsync($"/decisions/{Record.Permitted}?policy={name}"));

        Assert.StartsWith("/policies?policy=draft-", address, StringComparison.Ordinal);
        Assert.Contains("(handed in by you, until", page, StringComparison.Ordinal);
        Assert.Contains($"What {name} would change against policies", compared, StringComparison.Ordinal);
        Assert.Contains("✕", proved, StringComparison.Ordinal);
        Assert.Contains("hipaa.tests.yaml", tested, StringComparison.Ordinal);
        Assert.Contains("2 decided again", impact, StringComparison.Ordinal);
        Assert.Contains($"/decisions/{Record.Permitted}?policy={name}#again", impact, StringComparison.Ordinal);
        Assert.Contains("Newly denied", decision, StringComparison.Ordinal);
        Assert.Contains(gateway.Reads, read => read.Query.Contains($"impact of policy folder {name}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FilesAndArchives_AreLaidWhereTheyBelong()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync("legal", policies: true);

        var (byFile, _) = await console.HandInAsync([("hipaa.yaml", Encoding.UTF8.GetBytes(Stricter))], ("base", "policies"));
        var (byArchive, _) = await console.HandInAsync([("draft.zip", ZipOfTheShippedPack(("rules/hipaa.yaml", Stricter)))], ("base", "policies"));

        Assert.Equal(VersionIn(byFile), VersionIn(byArchive));
        Assert.NotEqual(ConsoleUnderTest.ShippedVersion, VersionIn(byFile));
    }

    [Fact]
    public async Task DraftThatDoesNotLoad_ShowsLineCaretAndSuggestion_KeepsWhatWasTyped_AndIsNotKept()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync("legal", policies: true);

        var (page, address) = await console.HandInAsync([], ("base", "policies"), ("path", "rules/hipaa.yaml"), ("text", Hipaa.Replace("effect: permit", "effect: permt", StringComparison.Ordinal)));

        Assert.Equal("/policies/draft", address);
        Assert.Contains("It does not load", page, StringComparison.Ordinal);
        Assert.Matches("draft/rules/hipaa.yaml:[0-9]+:[0-9]+  error PR[0-9]+", page);
        Assert.Contains("did you mean \"permit\"?", page, StringComparison.Ordinal);
        Assert.Contains("effect: permt", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Drafts of yours", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "There is nothing in the form")]
    [InlineData("", "rules: []", "Say which file the pasted text is")]
    [InlineData("../../etc/passwd", "x", "not one inside a policy folder")]
    [InlineData("/etc/passwd", "x", "not one inside a policy folder")]
    public async Task FormWithoutADraft_SaysWhy(string path, string text, string expected)
    {
        await using var console = await ConsoleUnderTest.SignedInAsync("legal", policies: true);

        var (page, _) = await console.HandInAsync([], ("base", "policies"), ("path", path), ("text", text));

        Assert.Contains(expected, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draft_IsForItsOwnerOnly_AndIsForgottenWhenTheySaySo()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync("legal", policies: true);
        var (_, address) = await console.HandInAsync([], ("base", "policies"), ("path", "rules/hipaa.yaml"), ("text", Stricter));
        var name = address["/policies?policy=".Length..];

        using (await console.SignInAsync(console.Token("legal", tenant: "south")))
        {
            Assert.DoesNotContain(name, await console.PageAsync("/policies"), StringComparison.Ordinal);
            using var notTheirs = await console.PostAsync("/policies/draft", "/policies/draft/forget", [], ("name", name));
        }

        using (await console.SignInAsync(console.Token("legal")))
        {
            Assert.Contains(name, await console.PageAsync("/policies"), StringComparison.Ordinal);
            using var forgotten = await console.PostAsync("/policies/draft", "/policies/draft/forget", [], ("name", name));
            Assert.DoesNotContain(name, await console.PageAsync("/policies"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Operator_HandsInNothing_AndNobodyMoreThanADraftMayHave()
    {
        await using var legal = await ConsoleUnderTest.SignedInAsync("legal", policies: true);
        await using var person = await ConsoleUnderTest.SignedInAsync("operator", policies: true);

        using var refused = await person.GetAsync("/policies/draft");
        var (page, _) = await legal.HandInAsync([("a.zip", ZipOf(("registry.yaml", new string('#', 9 * 1_048_576))))], ("base", ""));

        Assert.StartsWith("/sign-in", refused.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        Assert.Contains("larger than 8 MiB", page, StringComparison.Ordinal);
    }

    private static string VersionIn(string page)
    {
        var draft = page.IndexOf("(handed in by you", StringComparison.Ordinal);
        var version = page.IndexOf("sha256:", draft, StringComparison.Ordinal);
        return page.Substring(version, "sha256:".Length + 64);
    }

    private static byte[] ZipOfTheShippedPack(params (string Path, string Text)[] changed) => ZipOf(
    [
        .. Directory.EnumerateFiles(ShippedPack.Folder, "*.yaml", SearchOption.AllDirectories)
            .Select(static file => (Path: Path.GetRelativePath(ShippedPack.Folder, file).Replace('\\', '/'), Text: File.ReadAllText(file)))
            .Select(file => (Path: $"my-policies/{file.Path}", Text: changed.FirstOrDefault(other => other.Path == file.Path).Text ?? file.Text)),
    ]);

    private static byte[] ZipOf(params (string Path, string Text)[] files)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                using StreamWriter entry = new(zip.CreateEntry(path).Open());
                entry.Write(text);
            }
        }

        return stream.ToArray();
    }
}
