using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace PolicyRouter.WebConsole.Gateways;

/// <summary>
/// Asks a gateway's control plane as the person who is signed in, with the token of their sign-in: the gateway decides for itself what they may do,
/// and records them, not the console.
/// </summary>
internal sealed class GatewayClient(Uri controlPlane, IHttpContextAccessor http) : IDisposable
{
    private const int LargestAnswer = 4_194_304;

    // What the gateway takes is a little longer. A search has at most 2,000 characters as it is typed, which quotes can double.
    private const int LongestQuery = 3_900;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "To the gateway that the settings name, and nowhere else.")]
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null, ConnectTimeout = TimeSpan.FromSeconds(2),
    });

    /// <summary>Returns when the read is durably recorded.</summary>
    /// <exception cref="GatewayRefusedException">It is not recorded: show nothing.</exception>
    public async Task RecordReadAsync(string query, long rows, CancellationToken cancellationToken)
    {
        var shown = string.Concat(query.Select(static c => char.IsControl(c) ? ' ' : c));
        using var content = JsonContent.Create(new { query = shown.Length > LongestQuery ? shown[..LongestQuery] + "…" : shown, rows = (int)Math.Min(rows, int.MaxValue) });
        using var answer = await SendAsync(HttpMethod.Post, "/api/reads", content, cancellationToken);
        if (answer.StatusCode is not HttpStatusCode.NoContent)
        {
            throw Refused(answer.StatusCode);
        }
    }

    /// <summary><c>GET /api/deployments</c>.</summary>
    /// <exception cref="GatewayRefusedException">It does not answer, or not this person.</exception>
    public async Task<LiveDeployments> DeploymentsAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, "/api/deployments", null, cancellationToken);
        if (answer.StatusCode is not HttpStatusCode.OK)
        {
            throw Refused(answer.StatusCode);
        }

        try
        {
            await answer.Content.LoadIntoBufferAsync(LargestAnswer, cancellationToken);
            return LiveDeployments.Read(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception unreadable) when (unreadable is HttpRequestException or FormatException)
        {
            throw new GatewayRefusedException("The gateway's answer cannot be read.");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var token = http.HttpContext is { } context ? await context.GetTokenAsync("access_token") : null;
        if (token is null)
        {
            throw new GatewayRefusedException("Your sign-in has no token that the gateway would take. Sign in again.");
        }

        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using HttpRequestMessage request = new(method, new Uri(controlPlane, path)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            return await _http.SendAsync(request, patience.Token);
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new GatewayRefusedException("The gateway does not answer.");
        }
    }

    private static GatewayRefusedException Refused(HttpStatusCode status) => new(status switch
    {
        HttpStatusCode.Unauthorized => "The gateway does not take your sign-in any more. Sign in again.",
        HttpStatusCode.Forbidden => "Your roles do not allow it.",
        HttpStatusCode.ServiceUnavailable => "The gateway cannot record or answer now. Try again in a moment.",
        _ => FormattableString.Invariant($"The gateway answers {(int)status}."),
    });
}

/// <summary>The gateway did not do what it was asked. The message is fit for the person who asked.</summary>
internal sealed class GatewayRefusedException(string message) : Exception(message);
