using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Cli;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Testing;
using PolicyRouter.WebConsole;

namespace PolicyRouter.Benchmarks.History;

/// <summary>How long the console takes for its pages on a long history: whole answers over loopback, sign-in and rendering included.</summary>
internal static partial class ConsoleFigures
{
    private const int Warmups = 3;
    private const int Rounds = 20;

    private static readonly (string Name, string Path)[] Pages =
    [
        ("first page, last 24 hours", "/"),
        ("first page, all time", "/?last=all"),
        ("outcome:deny, all time", "/?last=all&text=outcome%3Adeny"),
        ("app:app-150, all time", "/?last=all&text=app%3Aapp-150"),
        ("app:app-15*, all time", "/?last=all&text=app%3Aapp-15*"),
        ("class:phi -outcome:completed latency:>2s, all time", "/?last=all&text=class%3Aphi%20-outcome%3Acompleted%20latency%3A%3E2s"),
        ("deployment:claude-*, all time", "/?last=all&text=deployment%3Aclaude-*"),
        ($"rule:{LongHistory.RareRule} (50 of them), all time", $"/?last=all&text=rule%3A{LongHistory.RareRule}"),
        ("status:>=500 (none of them; no index), all time", "/?last=all&text=status%3A%3E%3D500"),
        ("the same, looked through to the end", "/?last=all&text=status%3A%3E%3D500&thorough=true"),
        ("tokens:>1000000 (none; no index), all time", "/?last=all&text=tokens%3A%3E1000000"),
        ("model:claude* (none; no index), all time", "/?last=all&text=model%3Aclaude*"),
        ("refusal:approval_required (none; no index), all time", "/?last=all&text=refusal%3Aapproval_required"),
        ("deployment:nobody-* (none), all time", "/?last=all&text=deployment%3Anobody-*"),
        ("latency:>5990ms (rare; no index), all time", "/?last=all&text=latency%3A%3E5990ms"),
        ("policy:sha256:4 (a fifth, the newest), all time", "/?last=all&text=policy%3A%22sha256%3A4%22"),
        ("policy:sha256:0 (the oldest fifth; no index), all time", "/?last=all&text=policy%3A%22sha256%3A0%22"),
        ("nothing found, all time", "/?last=all&text=app%3Anobody%20class%3Aphi"),
        ("tenant:tenant-3 outcome:failed, last 7 days", "/?last=7d&text=tenant%3Atenant-3%20outcome%3Afailed"),
    ];

    public static async Task RunAsync(int decisions)
    {
        var folder = Directory.CreateTempSubdirectory("policyrouter-history-");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            await using var postgres = await LocalPostgresServer.StartAsync(Path.Combine(folder.FullName, "postgres"), NullLogger.Instance, CancellationToken.None);
            var filling = Stopwatch.StartNew();
            await LongHistory.FillAsync(postgres.ConnectionString, decisions, CancellationToken.None);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {decisions:N0} decisions over 30 days, made in {filling.Elapsed.TotalSeconds:F0} s"));
            var signer = CheckpointSigner.Create();
            await LongHistory.SealAsync(postgres.ConnectionString, signer, CancellationToken.None);
            await DeepPage.MeasureAsync(postgres.ConnectionString);
            await using var recorder = await ReadRecorder.StartAsync();
            await using var console = await ConsoleHost.StartAsync(
                new ConsoleSettings
                {
                    Urls = [new Uri("http://127.0.0.1:0")], ConnectionString = postgres.ConnectionString, LogToConsole = false, Gateway = recorder.Address, CheckpointKeys = [signer.Key], DevelopmentKey = new ECDsaSecurityKey(key),
                    PolicyFolder = ShippedPack.Folder, PolicyOptions = ConsoleCommand.PolicyOptions, DevelopmentIssuer = DevelopmentTokens.Issuer, DevelopmentAudience = DevelopmentTokens.Audience,
                },
                TimeProvider.System,
                CancellationToken.None);
            using HttpClient http = new(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = console.Address };
            await SignInAsync(http, new DevelopmentTokens(key, TimeProvider.System).Create(new Caller { App = "carla", Roles = ["auditor"] }, TimeSpan.FromHours(1)));
            Console.WriteLine("\n| page | median ms | slowest ms | bytes |\n|---|--:|--:|--:|");
            foreach (var (name, path) in Pages)
            {
                await MeasureAsync(http, name, path);
            }

            var deep = "/?last=all";
            for (var i = 0; i < 20; i++)
            {
                deep = WebUtility.HtmlDecode(Older().Match(await http.GetStringAsync(deep + (deep.Contains("limit", StringComparison.Ordinal) ? "" : "&limit=200"))).Groups["to"].Value);
            }

            await MeasureAsync(http, "a page 4,000 decisions deep, all time", deep);
            var one = OneDecision().Match(await http.GetStringAsync("/")).Value;
            var first = Stopwatch.StartNew();
            await http.GetByteArrayAsync(one);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| the first decision opened at all: the policy folder is read, the proof is not waited for | {first.ElapsedMilliseconds} | {first.ElapsedMilliseconds} | |"));
            while (!(await http.GetStringAsync(one)).Contains("Verified:", StringComparison.Ordinal))
            {
            }

            await MeasureAsync(http, "one decision, with its proof in a tree of a million", one);
            Console.WriteLine("\n| export of everything | seconds | MiB | most memory above what it was, MiB |\n|---|--:|--:|--:|");
            foreach (var format in new[] { "csv", "ndjson" })
            {
                await ExportAsync(http, format);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(HttpClient http, string name, string path)
    {
        List<double> taken = [];
        var bytes = 0;
        for (var i = 0; i < Warmups + Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            bytes = (await http.GetByteArrayAsync(path)).Length;
            if (i >= Warmups)
            {
                taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        taken.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {taken[Rounds / 2]:F0} | {taken[^1]:F0} | {bytes:N0} |"));
    }

    /// <summary>Console and reader are this process: what it takes more than before, at most, is what an export takes.</summary>
    private static async Task ExportAsync(HttpClient http, string format)
    {
        using FormUrlEncodedContent form = new(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = Antiforgery().Match(await http.GetStringAsync("/?last=all")).Groups["value"].Value, ["format"] = format, ["query"] = "?last=all",
        });
        using HttpRequestMessage request = new(HttpMethod.Post, "/export") { Content = form };
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = WorkingSet();
        var most = before;
        var started = Stopwatch.GetTimestamp();
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[81_920];
        long bytes = 0;
        var reads = 0;
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            bytes += count;
            most = ++reads % 64 == 0 ? Math.Max(most, WorkingSet()) : most;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {format} | {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} | {bytes / 1_048_576.0:F0} | {(most - before) / 1_048_576.0:F0} |"));

        static long WorkingSet()
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    private static async Task SignInAsync(HttpClient http, string token)
    {
        using FormUrlEncodedContent form = new(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = Antiforgery().Match(await http.GetStringAsync("/sign-in")).Groups["value"].Value, ["token"] = token,
        });
        using var answer = await http.PostAsync("/sign-in", form);
        answer.EnsureSuccessStatusCode();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<value>[^\"]+)\"")]
    private static partial Regex Antiforgery();

    [GeneratedRegex("rel=\"next\" href=\"(?<to>[^\"]+)\"")]
    private static partial Regex Older();

    [GeneratedRegex("/decisions/[0-9a-f-]{36}")]
    private static partial Regex OneDecision();
}
