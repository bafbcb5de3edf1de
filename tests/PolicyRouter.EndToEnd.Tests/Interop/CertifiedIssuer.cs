using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.Interop;

/// <summary>oidc-provider, which is certified by the OpenID Foundation, in a process of its own: <c>issuer/issuer.mjs</c>.</summary>
internal sealed class CertifiedIssuer : IAsyncDisposable
{
    public const string Gateway = "https://gateway.example";
    public const string Console = "policyrouter-console";
    public const string ConsoleSecret = "secret-of-the-console";

    private const string App = "ward-notes";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<NodePackages>> Installed = new(static () =>
        NodePackages.InstallAsync(Path.Combine(Repository.Root, "tests", "PolicyRouter.EndToEnd.Tests", "Interop", "issuer")));

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    private CertifiedIssuer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>What this machine lacks to run it; null when nothing.</summary>
    public static async Task<string?> MissingAsync() => (await Installed.Value).Missing;

    public static async Task<CertifiedIssuer> StartAsync()
    {
        CertifiedIssuer issuer = new(Process.Start(new ProcessStartInfo("node", [Path.Combine((await Installed.Value).Scripts, "issuer.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        })!);
        issuer.Address = new Uri(await issuer.ReadAsync());
        return issuer;
    }

    /// <summary>Publishes another signing key, by which it signs from then on.</summary>
    public Task RotateAsync(string keyId) => CommandAsync($"rotate {keyId}");

    /// <summary>Registers a console that people are sent back to at this address.</summary>
    public Task RegisterAsync(Uri console) => CommandAsync($"register {new Uri(console, "/signin-oidc")}");

    /// <summary>What an app is given for its own credentials.</summary>
    /// <param name="resource">What the token is for (RFC 8707); null to ask for nothing.</param>
    public async Task<string> TokenAsync(string? resource = Gateway)
    {
        Dictionary<string, string> form = new() { ["grant_type"] = "client_credentials", ["client_id"] = App, ["client_secret"] = $"secret-of-{App}" };
        if (resource is not null)
        {
            form["resource"] = resource;
        }

        using var answer = await _http.PostAsync(new Uri(Address, "/token"), new FormUrlEncodedContent(form));
        return (string)(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task CommandAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        await ReadAsync();
    }

    private async Task<string> ReadAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        return await _process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException($"The issuer ended: {await _errors}");
    }
}
