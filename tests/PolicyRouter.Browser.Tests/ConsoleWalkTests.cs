using PolicyRouter.Testing;

namespace PolicyRouter.Browser.Tests;

/// <summary>The console as people use it: with eyes, without them, without a mouse, without scripts, in the dark, twice as large.</summary>
[Collection(BrowserTests.Name)]
public class ConsoleWalkTests(ConsoleInABrowser console)
{
    private static readonly string[] Pages =
    [
        "/", "/?last=all&text=outcome%3Apermit", "/?text=outcom%3Adeny", "/?text=app%3Anobody", "/policies", "/policies/impact?policy=policies", "/policies/draft", "/resilience", "/resilience?lost=entra-id", "/report",
        "/report?from=2026-01-01T00:00&to=2096-01-01T00:00", "/report?from=2026-02-01T00:00&to=2026-01-01T00:00", "/integrity",
        "/decisions/{answered}", "/decisions/{hostile}", "/decisions/019a0000-0000-7000-8000-000000000000",
    ];

    public static TheoryData<string, bool> PagesInLightAndDark()
    {
        TheoryData<string, bool> data = [];
        foreach (var page in Pages)
        {
            data.Add(page, false);
            data.Add(page, true);
        }

        return data;
    }

    public static TheoryData<string> EveryPage() => [.. Pages];

    [SkippableTheory]
    [MemberData(nameof(PagesInLightAndDark))]
    public async Task Page_IsAccessible_AndBreaksNoRule(string page, bool dark)
    {
        Skip.If(console.Missing is not null, console.Missing);
        var browser = await console.SignInAsync(dark);

        await browser.GoToAsync(Address(page));

        Assert.Equal("", string.Join(Environment.NewLine, await browser.AxeAsync()));
        // A page that is not there is an error of the address, not of the page.
        Assert.DoesNotContain(await browser.FaultsAsync(), static fault => !fault.Contains("404", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [MemberData(nameof(EveryPage))]
    public async Task Page_AtTwiceTheSize_NeedsNoScrollingSideways(string page)
    {
        Skip.If(console.Missing is not null, console.Missing);
        var browser = await console.SignInAsync(zoom: 2);

        await browser.GoToAsync(Address(page));

        Assert.InRange(await browser.OverflowAsync(), int.MinValue, 0);
        Assert.Equal("", string.Join(Environment.NewLine, await browser.AxeAsync()));
    }

    [SkippableFact]
    public async Task SignInPage_IsAccessible()
    {
        Skip.If(console.Missing is not null, console.Missing);
        var browser = console.Browser!;
        await browser.OpenAsync();

        await browser.GoToAsync(console.At("/sign-in?refused=true"));

        Assert.Equal("", string.Join(Environment.NewLine, await browser.AxeAsync()));
        Assert.Equal("", string.Join(Environment.NewLine, await browser.FaultsAsync()));
    }

    [SkippableFact]
    public async Task HostileTexts_AreShownAsTexts()
    {
        Skip.If(console.Missing is not null, console.Missing);
        var browser = await console.SignInAsync(name: "<img src=x onerror=alert(4)>");

        foreach (var page in new[] { "/?last=all", $"/decisions/{console.HostileId}", "/policies", "/integrity", "/report?from=2026-01-01T00:00&to=2096-01-01T00:00", "/?text=app%3A%22%3Cscript%3Ealert(5)%3C%2Fscript%3E%22", "/?text=%3Cimg%20src%3Dx%20onerror%3Dalert(6)%3E" })
        {
            await browser.GoToAsync(console.At(page));

            Assert.Equal(0, await browser.CountAsync("main img, main svg[onload], main script, header img"));
            Assert.Contains("<", await browser.TextAsync("body"), StringComparison.Ordinal);
            Assert.Equal("", string.Join(Environment.NewLine, await browser.FaultsAsync()));
        }
    }

    [SkippableFact]
    public async Task WithTheKeyboardAlone_SomebodySignsIn_Searches_AndReadsADecision()
    {
        Skip.If(console.Missing is not null, console.Missing);
        var browser = console.Browser!;
        await browser.OpenAsync();
        await browser.GoToAsync(console.At("/sign-in"));

        await TabToAsync(browser, static focused => focused[0] == "textarea");
        await browser.TypeAsync(console.Token("carla", "auditor"));
        await TabToAsync(browser, static focused => focused is ["button", "Sign in", ..]);
        await browser.PressAndGoAsync("Enter");
        await browser.PressAsync("Tab");
        Assert.Equal("Skip to content", (await browser.FocusedAsync())[1]);
        await browser.PressAndGoAsync("Enter");
        await TabToAsync(browser, static focused => focused[2] == "text");
        await browser.TypeAsync("outcome:permit -app:nobody");
        await browser.PressAndGoAsync("Enter");
        Assert.Contains("text=outcome%3Apermit", (await browser.UrlAsync()).Query, StringComparison.Ordinal);
        await TabToAsync(browser, static focused => focused[0] == "a" && focused[1].StartsWith("202", StringComparison.Ordinal));
        await browser.PressAndGoAsync("Enter");

        Assert.StartsWith("/decisions/", (await browser.UrlAsync()).AbsolutePath, StringComparison.Ordinal);
        Assert.Contains("Every deployment, and every reason against it", await browser.TextAsync("main"), StringComparison.Ordinal);
        Assert.Equal("", string.Join(Environment.NewLine, await browser.FaultsAsync()));
    }

    [SkippableFact]
    public async Task Shortcuts_AreOff_UntilSomebodySwitchesThemOn()
    {
        Skip.If(console.Missing is not null, console.Missing);
        var browser = await console.SignInAsync();
        await browser.GoToAsync(console.At("/"));

        await browser.PressAsync("j");
        Assert.NotEqual("a", (await browser.FocusedAsync())[0]);
        await browser.ClickAsync("footer button");
        await browser.PressAsync("j");
        Assert.StartsWith("202", (await browser.FocusedAsync())[1], StringComparison.Ordinal);
        await browser.PressAsync("/");

        Assert.Equal("text", (await browser.FocusedAsync())[2]);
        Assert.Equal("", string.Join(Environment.NewLine, await browser.FaultsAsync()));
    }

    [SkippableFact]
    public async Task WithoutScripts_EverythingWorks()
    {
        Skip.If(console.Missing is not null, console.Missing);
        var browser = await console.SignInAsync(scripts: false);

        await browser.GoToAsync(console.At("/?limit=25&last=all"));
        await browser.FillAsync("#text", "outcome:permit");
        await browser.ClickAsync(".filters button");
        Assert.Contains("outcome:permit", await browser.TextAsync(".chips"), StringComparison.Ordinal);
        await browser.FillAsync("form[action='/saved'] input[name=name]", "permits");
        await browser.ClickAsync("form[action='/saved'] button");
        Assert.Contains("permits", await browser.TextAsync(".saved"), StringComparison.Ordinal);
        await browser.ClickAsync("#decisions tbody a");
        Assert.Contains("Identified", await browser.TextAsync(".timeline"), StringComparison.Ordinal);
        await browser.ClickAsync("header .who button");

        Assert.Equal("/sign-in", (await browser.UrlAsync()).AbsolutePath);
    }

    /// <summary>With <c>POLICYROUTER_SCREENSHOTS=docs/screenshots</c> the pictures go there; else they are made and thrown away.</summary>
    [SkippableFact]
    public async Task Screenshots_OfEveryPage()
    {
        Skip.If(console.Missing is not null, console.Missing);
        var kept = Environment.GetEnvironmentVariable("POLICYROUTER_SCREENSHOTS");
        var folder = kept is { Length: > 0 } ? Directory.CreateDirectory(Path.Combine(Repository.Root, kept)).FullName : TestFolder.Create("screenshots");
        var browser = await console.SignInAsync();
        foreach (var (name, page) in new[]
        {
            ("decisions", "/?text=app%3Award-*"), ("decision", "/decisions/{answered}"), ("policies", "/policies#matrix"), ("impact", "/policies/impact?policy=policies"),
            ("resilience", "/resilience?lost=entra-id#lost"), ("drift", "/resilience#drift"), ("integrity", "/integrity"), ("draft", "/policies/draft"),
            ("report", "/report?from=2026-01-01T00:00&to=2096-01-01T00:00"), ("proof", "/decisions/{answered}#proof"),
        })
        {
            await browser.GoToAsync(Address(page));
            var file = Path.Combine(folder, $"{name}.png");
            await browser.ScreenshotAsync(file);

            Assert.InRange(new FileInfo(file).Length, 5_000, 400_000);
        }

        if (kept is not { Length: > 0 })
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Uri Address(string page) => console.At(page
        .Replace("{answered}", console.Answered.ToString(), StringComparison.Ordinal)
        .Replace("{hostile}", console.HostileId.ToString(), StringComparison.Ordinal));

    /// <summary>Goes from one focus to the next, each of which must be seen, until it is there.</summary>
    private static async Task TabToAsync(Browser browser, Func<string[], bool> isThere)
    {
        const int Most = 60;
        for (var i = 0; i < Most; i++)
        {
            await browser.PressAsync("Tab");
            var focused = await browser.FocusedAsync();
            if (focused[0] != "body")
            {
                Assert.True(focused[3] != "none", $"The focus cannot be seen on {string.Join('|', focused)}.");
            }

            if (isThere(focused))
            {
                return;
            }
        }

        Assert.Fail("The keyboard does not get there.");
    }
}
