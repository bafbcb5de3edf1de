using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Testing;

namespace PolicyRouter.Browser.Tests;

/// <summary>The machine's Chromium, driven by a script of <c>browser/</c>; one for all tests of a run.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private Browser(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The browser, or what this machine lacks.</summary>
    public static async Task<(Browser? Browser, string? Missing)> StartAsync()
    {
        var chromium = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(static folder => Names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        if (chromium is null)
        {
            return (null, $"No browser is installed: none of {string.Join(", ", Names)} is on the PATH.");
        }

        var packages = await NodePackages.InstallAsync(Path.Combine(Repository.Root, "tests", "PolicyRouter.Browser.Tests", "browser"));
        return packages.Missing is { } missing
            ? (null, missing)
            : (new Browser(Process.Start(new ProcessStartInfo("node", [Path.Combine(packages.Scripts, "browser.mjs"), chromium])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                StandardOutputEncoding = Encoding.UTF8,
            })!), null);
    }

    /// <summary>A window of its own, signed in by nobody. The one before it is closed.</summary>
    /// <param name="zoom">2 for 200 %: half as many CSS pixels on the same screen.</param>
    public Task OpenAsync(bool dark = false, double zoom = 1, bool scripts = true) =>
        DoAsync("open", ("dark", dark), ("width", (int)(1280 / zoom)), ("height", (int)(900 / zoom)), ("scripts", scripts));

    /// <returns>The HTTP status.</returns>
    public async Task<int> GoToAsync(Uri url) => (int)(await DoAsync("goto", ("url", url.ToString())))!;
    public Task FillAsync(string selector, string value) => DoAsync("fill", ("selector", selector), ("value", value));
    public Task ClickAsync(string selector) => DoAsync("click", ("selector", selector));
    public Task TypeAsync(string value) => DoAsync("type", ("value", value));
    public Task PressAsync(string key) => DoAsync("press", ("key", key));

    /// <summary>Presses a key that leads to another address, and waits until it is there.</summary>
    public Task PressAndGoAsync(string key) => DoAsync("pressAndGo", ("key", key));
    public async Task<Uri> UrlAsync() => new((string)(await DoAsync("url"))!);
    public async Task<string> TextAsync(string selector) => (string)(await DoAsync("text", ("selector", selector)))!;
    public async Task<int> CountAsync(string selector) => (int)(await DoAsync("count", ("selector", selector)))!;

    /// <summary>What has the focus: its tag, its words, its name as a field, and how it is outlined.</summary>
    public async Task<string[]> FocusedAsync() => ((string)(await DoAsync("focused"))!).Split('|');

    /// <summary>CSS pixels that the page is wider than the window.</summary>
    public async Task<int> OverflowAsync() => (int)(await DoAsync("overflow"))!;

    /// <summary>What axe-core objects to, by WCAG 2.2 AA and good practice.</summary>
    public async Task<string[]> AxeAsync() => Strings(await DoAsync("axe"));

    /// <summary>Console errors (what the content security policy blocked among them), dialogs, and requests to anywhere else.</summary>
    public async Task<string[]> FaultsAsync() => Strings(await DoAsync("faults"));
    public Task ScreenshotAsync(string path) => DoAsync("screenshot", ("path", path));

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using CancellationTokenSource patience = new(Patience);
        await _process.WaitForExitAsync(patience.Token);
        _process.Dispose();
    }

    private static string[] Strings(JsonNode? list) => [.. list!.AsArray().Select(static text => (string)text!)];

    private async Task<JsonNode?> DoAsync(string what, params (string Name, JsonNode? Value)[] arguments)
    {
        JsonObject command = new() { ["do"] = what };
        foreach (var (name, value) in arguments)
        {
            command[name] = value;
        }

        await _process.StandardInput.WriteLineAsync(command.ToJsonString());
        await _process.StandardInput.FlushAsync();
        using CancellationTokenSource patience = new(Patience);
        var line = await _process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException($"The browser ended: {await _errors}");
        var answer = JsonNode.Parse(line)!;
        return answer["error"] is { } error ? throw new InvalidOperationException($"{what}: {error}") : answer["value"];
    }
}
