namespace PolicyRouter.Simulator.Tests;

/// <summary>A plain client over real sockets; follows nothing and keeps nothing.</summary>
internal sealed class Client : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,

        // Otherwise a cancelled answer is read on for two seconds before the provider sees the client leave.
        ResponseDrainTimeout = TimeSpan.Zero,
    });

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public Task<HttpResponseMessage> AskAsync(
        SimulatedProvider provider, string text, bool stream = false, CancellationToken cancellationToken = default) =>
        SendAsync(Talk.Request(provider, Talk.Body(provider, text, stream), Talk.PathOf(provider, stream)), cancellationToken);

    public void Dispose() => _http.Dispose();
}
