using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Cli;
using PolicyRouter.Gateway.Hosting;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Another gateway with the policy, the keys, the providers and the database of the first, and a shard of its own.</summary>
internal sealed class SecondNode : IAsyncDisposable
{
    private readonly GatewayUnderTest _first;
    private readonly GatewayHost _host;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    private SecondNode(GatewayUnderTest first, GatewayHost host) => (_first, _host) = (first, host);

    public Uri ControlPlane => _host.ControlPlaneUrls[0];

    public static async Task<SecondNode> StartAsync(GatewayUnderTest first)
    {
        using var key = DevelopmentHome.OpenAt(Path.GetDirectoryName(first.Stack.Policies)!).OpenSigningKey();
        return new SecondNode(first, await GatewayHost.StartAsync(
            new GatewayHostOptions
            {
                Development = true,
                Urls = ["http://127.0.0.1:0"],
                ControlUrls = ["http://127.0.0.1:0"],
                Settings = new Dictionary<string, string?>
                {
                    ["Policies:Path"] = first.Stack.Policies,
                    ["Audit:ConnectionString"] = first.Stack.ConnectionString,
                    ["Audit:Shard"] = "second-node",
                    ["Authentication:DevelopmentKey"] = key.ExportSubjectPublicKeyInfoPem(),
                    ["Limits:ShutdownSeconds"] = "5",
                },
                ReadAmbientConfiguration = false,
                HandleSignals = false,
                LogToConsole = false,
            },
            CancellationToken.None));
    }

    public async Task<Reply> AskAsync(JsonObject body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(_host.DataPlaneUrls[0], "/v1/chat/completions"))
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _first.Token("app"));
        request.Headers.Add("X-Data-Class", "phi");
        request.Headers.Add("X-Data-Subjects", "us");
        request.Headers.Add("X-Purpose", "treatment");
        using var response = await _http.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }
}
